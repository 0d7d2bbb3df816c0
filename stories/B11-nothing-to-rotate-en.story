# B11, C1: a disk that no log fills: what fills it is listed, nothing is deleted (English runbook)
given ../examples/runbooks-en
when machine/disk used_percent is 93
pass 5m
expect alert A1 [warning] Disk almost full
expect runbook disk-usage-machine on machine
expect diagnose largest → machine
expect looked
never RUN-1: respond
