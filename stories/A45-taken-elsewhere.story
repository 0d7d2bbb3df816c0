# A45: who takes an alert on in the system that sent it has taken the incident; what is unknown or over is no error
given small
taken Down on web critical by bob
prometheus sends Down on web critical
pass 1m
expect detected INC-1
taken Down on web critical by bob
expect bob acknowledged INC-1
taken Down on web critical by ann
never ann acknowledged
remark "the cable is loose" at Down on web critical by ann
expect INC-1 note (ann): story: the cable is loose
pass 20m
never no answer
prometheus resolves Down on web critical
pass 5m
expect recovered INC-1
remark "again" at Down on web critical by ann
never story: again
