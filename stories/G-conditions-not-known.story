# runbook-format: what was not captured, or is not of its type, is not known: nothing is changed
given guarded
when step disk gives free_mb=a[$(reboot)] rotates=true
prometheus sends DiskAlmostFull on web warning
pass 5m
expect web stopped by a guardrail — `facts.rotates && facts.free_mb < params.low` cannot be judged
never rotate ok
never grow ok
