# B9, B1, B22, B23: a dead service is seen at once, restarted by itself and verified (English runbook)
given ../examples/runbooks-en
when mks-backend dies
pass 5m
expect within 11s alert A1 [critical] Service down: MKS backend
expect runbook service-down on mks-backend (hikeshi)
expect restart ok
expect verify health → mks-backend
expect verified, 3 in a row
expect mks-backend repaired and verified
never respond restart → mks-backend (attempt 2)
