# R: a step that never ends is cut at its limit; its outcome is unknown, so it is not repeated
given ../examples/miraikakaku
when step restart hangs
when mks-backend breaks
pass 5m
expect respond restart → mks-backend (attempt 1)
expect restart timeout
expect a person must say what became of restart
never again respond restart
