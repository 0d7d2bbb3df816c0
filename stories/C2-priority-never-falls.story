# C2: numbers raise the priority of an incident; they never lower it, because the impact was real
given ../examples/miraikakaku
when proxy/traffic error_rate_percent is 60
pass 2m
expect classified INC-1: P1
when proxy/traffic error_rate_percent is 12
pass 30m
never again classified INC-1
