# A50: a lower priority has a longer cadence, and what was promised before still comes at its time
given speaking-en
sato opens P0: payments stopped
pass 10m
sato sets INC-1 to P2: little impact
pass 19m
never INC-1 update sent
pass 2m
expect INC-1 update sent
told Next update: when something changes
never overdue
