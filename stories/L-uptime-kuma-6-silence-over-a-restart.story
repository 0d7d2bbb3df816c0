# Uptime Kuma 6: a silence that ends while hikeshi is restarted is resolved as well
given ../examples/miraikakaku
when mks-logs/space falls silent
pass 5m
expect alert A1 [warning] 測定値なし
when hikeshi restarts
when mks-logs/space recovers
pass 2m
expect no_data@mks-logs resolved
