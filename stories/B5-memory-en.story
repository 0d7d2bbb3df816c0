# B5, C8: memory over 80 % for a minute is a warning with its diagnosis; processes are never ended by themselves (English runbook)
given ../examples/runbooks-en
when machine/host mem_used_percent is 80
pass 10m
never alert
when machine/host mem_used_percent is 81
pass 3m
expect alert A1 [warning] Memory almost used up: Machine
expect diagnose largest → machine
expect looked
never respond
