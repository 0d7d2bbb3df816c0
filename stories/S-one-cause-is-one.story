# A55: alerts of services that need a broken one belong to its incident, whoever rings
given team
prometheus sends ServiceDown on database critical
prometheus sends ErrorsRise on api critical
prometheus sends ErrorsRise on web critical
pass 1m
expect detected INC-1
expect belongs to INC-1
expect escalated INC-1
never INC-2
