# Flapping makes one thread, not thirty messages: the fourth firing in half an hour is held until it is steady
given team
prometheus sends DiskSlow on machine warning
pass 1m
prometheus resolves DiskSlow on machine
pass 1m
prometheus sends DiskSlow on machine warning
pass 1m
prometheus resolves DiskSlow on machine
pass 1m
prometheus sends DiskSlow on machine warning
pass 1m
prometheus resolves DiskSlow on machine
pass 1m
prometheus sends DiskSlow on machine warning
pass 1m
expect A4
prometheus resolves DiskSlow on machine
pass 1m
expect DiskSlow{zone=}@machine is flapping (4 firings)
prometheus sends DiskSlow on machine warning
pass 1m
prometheus resolves DiskSlow on machine
pass 1m
never again @machine resolved
never again must be told
pass 10m
expect DiskSlow{zone=}@machine resolved
never A5
