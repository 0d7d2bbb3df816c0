# L, hysteresis: an alert that fired above 90 ends only at 70 or below
given small
when machine/host cpu_percent is 95
pass 1m
expect alert A1 [warning] Processors busy: Machine
when machine/host cpu_percent is 71
pass 10m
never resolved
when machine/host cpu_percent is 70
pass 30s
expect cpu_usage@machine resolved
