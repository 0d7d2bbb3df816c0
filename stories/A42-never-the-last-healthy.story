# A42, C11: the last healthy instance is not restarted, not even on order
given ../examples/miraikakaku
when api-1 breaks
when api-2 breaks
pass 1m
sato runs service-restart on api-3
pass 1m
expect runbook service-restart on api-3 (sato)
expect stopped by a guardrail — api-3 is the last healthy instance of api
never restart → api-3
never api-3 is not touched automatically
