# Alertmanager 10: what goes on while hikeshi is away is the same incident after it
given team
prometheus sends Down on billing critical
pass 1m
expect escalated INC-1
when hikeshi is away for 30m
pass 20m
never resolved (
never INC-2
sato acknowledges INC-1
