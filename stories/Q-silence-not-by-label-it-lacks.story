# Keep 3, the other direction: a silence of one service hides nothing of another
given team
silence service="billing" for 1h by sato "known"
prometheus sends Down on web critical
pass 1m
expect detected INC-1
expect escalated INC-1
