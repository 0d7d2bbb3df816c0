# C1: 95 % is critical at once
given ../examples/miraikakaku
when mks-logs/space used_percent is 95
pass 1m
expect within 10s alert A1 [critical] ディスク容量90%超
expect within 1m classified INC-1: P1 — disk_usage@mks-logs
