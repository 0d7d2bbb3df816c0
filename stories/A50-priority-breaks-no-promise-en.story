# A50: a lower priority has a longer cadence, and what was promised before still comes at its time
given small
ann opens P1: payments stopped
pass 5m
ann sets INC-1 to P2: little impact
pass 4m
never INC-1 update sent
pass 2m
expect INC-1 update sent
never overdue
