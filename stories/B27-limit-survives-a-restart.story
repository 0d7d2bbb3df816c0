# B27: attempts before a crash count after it
given ../examples/miraikakaku
when mks-backend breaks
pass until mks-backend did not help
when hikeshi restarts
pass 10m
expect respond restart → mks-backend (attempt 1)
expect hikeshi story started
expect respond restart → mks-backend (attempt 1)
expect respond restart → mks-backend (attempt 1)
expect stopped by a guardrail — 3 attempts on mks-backend within 5m
never again respond restart
