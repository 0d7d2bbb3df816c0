# L: a peak that does not last is no alert: memory must stay high for a minute
given ../examples/miraikakaku
when machine/host mem_used_percent is 85
pass 40s
when machine/host mem_used_percent is 50
pass 5m
expect memory_usage@machine: condition met, waiting
expect memory_usage@machine: condition ended
never alert
