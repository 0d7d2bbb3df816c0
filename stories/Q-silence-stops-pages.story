# A silence made after the page stops the repetitions; they resume with its end
given team
prometheus sends Down on billing critical
pass 1m
expect escalated INC-1
silence alertname="Down" for 20m by sato "give us a moment"
expect begins
pass 19m
never again paging
never again escalated
pass 2m
expect is over
expect within 20m10s INC-1: no answer, paging sato
