# Uptime Kuma 6, B32: a probe that is silent is an alert of its own, and not an outage of what it watches
given ../examples/miraikakaku
when mks-logs/space falls silent
pass 5m
expect within 2m alert A1 [warning] 測定値なし: MKS のログ領域 — mks-logs/space: no value since
never INC-1
told [warning] 発生: 測定値なし
when mks-logs/space recovers
pass 1m
expect no_data@mks-logs resolved
