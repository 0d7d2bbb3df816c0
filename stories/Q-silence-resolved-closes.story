# Alertmanager 3: the end of a silenced alert still closes what was opened
given team
prometheus sends Down on billing critical
pass 1m
expect escalated INC-1
silence alertname="Down" for 8h by sato "we are on it"
pass 10m
prometheus resolves Down on billing
pass 5m
expect Down@billing resolved
expect recovered INC-1
told [Recovered]
