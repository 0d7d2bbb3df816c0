# A58: how much memory is left cannot be told: nothing is ended, a person is needed (English runbook)
given ../examples/runbooks-en
when machine/oom oom is true
pass 3m
expect runbook oom-kill on machine
expect stopped by a guardrail — `facts.available_mb < 500` cannot be judged
never needs approval
never respond
