# Alertmanager 3, Grafana OnCall 6: a warning that was told is told to be over, silenced or not
given team
prometheus sends DiskSlow on machine warning
pass 1m
told chat to room: [warning] firing: DiskSlow
silence alertname="DiskSlow" for 8h by sato "known"
prometheus resolves DiskSlow on machine
pass 1m
told chat to room: [warning] resolved: DiskSlow
