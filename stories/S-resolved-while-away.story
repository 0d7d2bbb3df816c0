# Alertmanager 2: the first word after a restart may be that it is over
given team
prometheus sends Down on billing critical
pass 1m
expect escalated INC-1
when hikeshi restarts
prometheus resolves Down on billing
pass 3m
expect Down@billing resolved
expect recovered INC-1
told [Recovered]
