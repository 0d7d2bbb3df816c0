# Uptime Kuma 1: a notice that was owed before a crash goes out after it; one that cannot be delivered is tried again
given ../examples/miraikakaku
when channel chat fails
when proxy/traffic error_rate_percent is 60
pass until N1: chat must be told
when hikeshi restarts
when channel chat works
pass 1m
expect N1: chat must be told
expect hikeshi story started
expect N1: chat delivered
