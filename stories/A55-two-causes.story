# A55: two causes at the same time are two incidents
given ../examples/miraikakaku
when database breaks
when mks-backend breaks
pass 2m
expect detected INC-1
expect detected INC-2
never merged
never INC-3
