# A42, A43, C11: two of three instances die: restarted one at a time, the healthy one not at all
given ../examples/miraikakaku
when api-1 dies
when api-2 dies
pass 10m
expect respond restart → api-1
expect waits until api-1 is done (one at a time)
expect api-1 repaired and verified
expect respond restart → api-2
expect api-2 repaired and verified
never restart → api-3
