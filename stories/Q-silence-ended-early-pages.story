# Alertmanager 5: a silence that a person ends early lets what still burns page at once
given team
silence alertname="Down" for 8h by sato "work in progress"
prometheus sends Down on billing critical
pass 10m
never detected
silence ends
pass 15s
expect within 15s detected INC-1
expect within 15s escalated INC-1
told pager to sato: [P1]
