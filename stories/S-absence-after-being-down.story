# Alertmanager 2, 4: after hikeshi was away its senders have time to speak before anything counts as over
given team
prometheus sends Down on billing critical
pass 1m
expect escalated INC-1
when hikeshi is away for 30m
prometheus says nothing for 4m
never resolved (
never recovered
prometheus says nothing for 4m
expect ended, not heard of any more
expect Down@billing resolved
