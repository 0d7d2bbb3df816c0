# When a silence ends, what still burns is judged anew and paged at once (Alertmanager 5, Keep 2, and two more)
given team
silence alertname="Down" for 30m by sato "work in progress"
prometheus sends Down on billing critical
pass 10m
expect [critical] Down: Billing
never detected
never told Down
pass 21m
expect is over
expect within 30m detected INC-1
pass 30s
expect escalated INC-1
told pager to sato: [P1]
