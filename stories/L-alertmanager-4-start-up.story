# Alertmanager 4: after a restart nothing is resolved before every probe of the rule has looked again
given ../examples/miraikakaku
when step restart fails
when mks-backend hangs
pass 1m
expect detected INC-1
when mks-backend/health falls silent
when hikeshi restarts
pass 45s
never resolved
never recovered
