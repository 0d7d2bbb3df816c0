# C11: no instance is left: all are restarted at once
given ../examples/miraikakaku
when api-1 dies
when api-2 dies
when api-3 dies
pass 5m
expect within 30s restart → api-1
expect within 30s restart → api-2
expect within 30s restart → api-3
never one at a time
expect api-1 repaired and verified
