# An alert of which only a part is silenced still pages
given team
silence instance="host-0:9100" for 1h by sato "one host is known"
prometheus sends 3 alerts of Down on billing critical
pass 1m
expect detected INC-1
expect escalated INC-1
