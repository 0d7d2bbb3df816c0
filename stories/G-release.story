# runbook-format, rate: a person lets automation touch a latched target again; the limit itself still holds
given ../examples/miraikakaku
when mks-backend breaks
pass until is not touched automatically until
sato releases mks-backend
pass 1m
expect is not touched automatically until
expect may be touched automatically again (sato)
expect stopped by a guardrail — 3 attempts
sato releases postgres
refused postgres is not latched
