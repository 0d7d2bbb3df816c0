# B27: a latched target is still a person's to restart, inside the same limit
given ../examples/miraikakaku
when mks-backend breaks
pass until is not touched automatically
sato runs service-restart on mks-backend
pass 1m
expect is not touched automatically
expect runbook service-restart on mks-backend (sato)
expect stopped by a guardrail — 3 attempts
pass 6m
when mks-backend dies
sato runs service-restart on mks-backend
pass 2m
expect respond restart → mks-backend
expect mks-backend repaired and verified
