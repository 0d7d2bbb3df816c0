# Alertmanager 4, 10: silences and alerts are there after a kill, and nothing silenced fires because of it
given team
silence alertname="Down" for 8h by sato "work"
prometheus sends Down on billing critical
pass 2m
when hikeshi restarts
pass 30m
never detected
never told Down
silence ends
pass 15s
expect detected INC-1
