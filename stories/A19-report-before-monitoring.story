# A19, A20: users were faster than the probes: what is measured then raises the incident that they opened
given ../examples/miraikakaku
report "予測が出ない" from support on prediction
expect detected INC-1
expect classified INC-1: P3 — report
when prediction/journey up is false
pass 3m
expect INC-1
expect classified INC-1: P1 — main_function_dead
never INC-2
