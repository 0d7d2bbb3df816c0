# Keep 2: a silence that ended while hikeshi was not there has not swallowed what still burns
given team
silence alertname="Down" for 10m by sato "work in progress"
prometheus sends Down on billing critical
pass 5m
never detected
when hikeshi is away for 20m
pass 1m
expect is over (hikeshi)
expect detected INC-1
expect escalated INC-1
