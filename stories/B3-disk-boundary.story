# B3: 90.0 % is nothing, 90.1 % is an alert
given ../examples/miraikakaku
when mks-logs/space used_percent is 90.0
pass 15m
never alert
when mks-logs/space used_percent is 90.1 until repaired
pass 5m
expect within 1m alert A1 [warning] ディスク容量90%超: MKS のログ領域 — used_percent = 90.1 %
