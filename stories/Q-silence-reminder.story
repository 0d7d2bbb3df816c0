# Alertmanager 6: the creator of a silence hears that it is still there, again and again, and what it hides
given team
silence alertname="Down" for 5h by sato "vacation"
prometheus sends Down on billing critical
pass 150m
told mail to sato: [info] silence still active: vacation
told Alerts hidden now: 1
never told pager
pass until its creator is reminded
expect its creator is reminded
expect its creator is reminded
pass 2h
never again its creator is reminded
