# A40, A42: `recover` starts what burns and has a runbook, in order; twice is refused
given ../examples/miraikakaku
sato recovers everything
refused there is nothing to recover
when mks-backend breaks
when step restart fails
pass until is not touched automatically
when step restart works
when mks-backend dies
pass 1m
sato recovers everything
pass 5m
expect runbook service-down on mks-backend (sato)
expect mks-backend repaired and verified
