# A21: the other way round: the probe is good again, Prometheus still says that it fires
given team
when billing breaks
pass 1m
expect Service down: Billing
prometheus sends service_down on billing critical
when billing recovers
pass 5m
never service_down@billing resolved
prometheus resolves service_down on billing
pass 3m
expect service_down@billing resolved
expect recovered INC-1
never INC-2
