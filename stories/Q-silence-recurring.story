# Alertmanager 6: recurring silences of the configuration: quiet in their hours, loud before and after
given team
prometheus sends DiskBusy on machine critical
pass 30s
expect detected INC-1
prometheus resolves DiskBusy on machine
pass 5m
expect recovered INC-1
pass 55m
expect silence: alertname="DiskBusy"
expect begins
prometheus sends DiskBusy on machine critical
pass 30m
never INC-2
pass 30m
expect is over
expect detected INC-2
expect escalated INC-2
