# A21: our own probe and Prometheus see one alert; neither resolves it alone
given team
prometheus sends service_down on billing critical
pass 5s
expect [critical] service_down: Billing
when billing breaks
pass 2m
never INC-2
prometheus resolves service_down on billing
pass 2m
never service_down@billing resolved
never recovered
when billing recovers
pass 3m
expect service_down@billing resolved
expect recovered INC-1
