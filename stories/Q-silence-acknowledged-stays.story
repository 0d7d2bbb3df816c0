# Grafana OnCall 4: what somebody has taken is not paged again because a silence ends
given team
prometheus sends Down on billing critical
pass 1m
sato acknowledges INC-1
silence alertname="Down" for 20m by sato "on it"
pass 21m
expect is over
never again paging
never again must be told
