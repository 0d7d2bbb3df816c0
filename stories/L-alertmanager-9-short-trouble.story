# Alertmanager 9, Uptime Kuma 5: trouble that ends within seconds is told as firing, then as resolved
given ../examples/miraikakaku
when proxy/traffic error_rate_percent is 60
pass 6s
when proxy/traffic error_rate_percent is 0
pass 10m
expect detected INC-1
expect classified INC-1: P1
expect escalated INC-1
expect (INC-1 firing)
expect recovered INC-1
expect (INC-1 resolved)
