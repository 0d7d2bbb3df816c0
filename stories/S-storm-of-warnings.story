# Alertmanager 9: forty different warnings at once are told in one message
given team
prometheus sends W01 on machine
prometheus sends W02 on machine
prometheus sends W03 on machine
prometheus sends W04 on machine
prometheus sends W05 on machine
prometheus sends W06 on machine
prometheus sends W07 on machine
prometheus sends W08 on machine
prometheus sends W09 on machine
prometheus sends W10 on machine
prometheus sends W11 on machine
prometheus sends W12 on machine
pass 10s
expect 12 alerts told in one message
told many alerts: 12 firing, 0 resolved
never told firing: W01: Machine
