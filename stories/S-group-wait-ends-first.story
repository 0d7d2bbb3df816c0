# What ends within its group_wait never fired
given team
prometheus sends DiskSlow on machine warning zone=a
pass 10s
prometheus resolves DiskSlow on machine
pass 5m
never [warning]
never must be told
