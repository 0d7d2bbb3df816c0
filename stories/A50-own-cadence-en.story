# A50, C32: stakeholders hear by their own template and cadence, with the time of the next update, until it is over
given speaking-en
when web breaks
pass 1m
sato sets INC-1 to P1: some users only
pass 50m
expect INC-1: board informed, next at
expect INC-1: board informed, next at
expect INC-1: board informed, next at
told mail to board: [P1] Shop INC-1
told mail to board: [P1] update: Shop INC-1
told Cause: being looked into
told Next update: 2026-11-21 18:41 UTC
never told mail to investors
never overdue
when web recovers
pass 10m
expect INC-1: board informed, it is over
told mail to board: [Recovered] Shop: back to normal
