# C11: at most two instances of a group in ten minutes while others serve; the third is a person's
given ../examples/miraikakaku
when api-1 dies
pass 5m
when api-2 dies
pass 4m
when api-3 dies
pass 2m
expect api-1 repaired and verified
expect api-2 repaired and verified
expect stopped by a guardrail — 2 other instances of api were changed within 10 minutes
never restart → api-3
sato runs service-restart on api-3
pass 2m
expect respond restart → api-3
expect api-3 repaired and verified
