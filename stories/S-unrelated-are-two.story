# A55: grouped by cause, never by time alone: two services that have nothing in common are two incidents
given team
prometheus sends Down on billing critical
prometheus sends Down on web critical
pass 1m
expect detected INC-1
expect detected INC-2
expect escalated INC-1
expect escalated INC-2
