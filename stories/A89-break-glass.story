# A89, C27: the secret manager is down, a secret is had from its place for emergencies: that is told at once, and its end too
given glass
pass 1m
never alert
when hikeshi/break_glass broken is true
pass 1m
expect alert A1 [critical] Break-glass credential used
expect classified INC-1: P1 — security_break_glass@hikeshi
when hikeshi/break_glass broken is false
pass 5m
expect security_break_glass@hikeshi resolved
