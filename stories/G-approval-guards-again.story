# runbook-format, approval: after the answer all guardrails are asked again: what got well meanwhile is left alone
given guarded
when db dies
pass 1m
expect needs approval for wipe → db
when db recovers
pass 5m
expect db not needed
never respond wipe
