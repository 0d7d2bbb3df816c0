# Alertmanager 5: a warning that its owner knew of and silenced is told again when the silence ends
given team
prometheus sends DiskSlow on machine warning
pass 1m
told chat to room: [warning] firing: DiskSlow
silence alertname="DiskSlow" for 1h by sato "known"
pass 59m
expect begins
never again must be told
pass 2m
expect is over
expect must be told
