# Alertmanager 1: a receiver that was away for a while gets every page within a second of its return, and each page once
given team
when channel chat fails
prometheus sends TooSlow on billing warning
prometheus sends TooBusy on machine warning
pass 45s
when channel chat works
pass 1s
expect N1: chat delivered
pass 1s
expect N2: chat delivered
pass 10m
never N3
