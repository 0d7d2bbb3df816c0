# runbook-format, approval: what can lose data needs a yes even in mode auto, and two people while everything is down
given guarded
when db dies
pass 1m
expect needs approval for wipe → db (step wipe is destructive; of 1)
told Values: HK_KEEP=5m
ann sets INC-1 to P0: all orders are lost
ann denies APP-1: first a copy
pass 20m
ann runs db-down on db
pass 1m
expect needs approval for wipe → db (step wipe is destructive; of 2)
ann approves APP-2
refused ann started the run and cannot approve it
bob approves APP-2
pass 1m
expect bob approved, 1 more needed
never respond wipe
bob approves APP-2
refused bob has approved already; a second person must
carol approves APP-2
pass 5m
expect carol approved
expect respond wipe → db
expect db repaired and verified
