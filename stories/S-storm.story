# 10,000 alerts of one cause in a second page once, and all of them are there
given team
prometheus sends 10000 alerts of Down on billing critical
expect prometheus: 10000 signals (Down@billing)
pass 2m
expect detected INC-1
expect escalated INC-1
told pager to sato: [P1]
never INC-2
never again detected
never again escalated
never again paging
prometheus resolves Down on billing
pass 3m
expect 10000 signals resolved
expect recovered INC-1
