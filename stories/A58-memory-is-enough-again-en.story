# A58, C11: the kernel's kill freed enough: only APIs that are not well are restarted, after a yes (English runbook)
given ../examples/runbooks-en
when step memory gives available_mb=4000
when machine/oom oom is true until repaired
pass 3m
expect end skipped
expect needs approval for roll → machine
suzuki approves APP-1
pass 5m
expect respond roll → machine
expect machine repaired and verified
never end ok
