# runbook-format, outcomes: the probe says "applied": it is not done again, and what does not help is said so
given guarded
when step restart hangs
when web breaks
pass until restart timeout
when step was-restarted exits-0
pass 4m
expect respond restart → web (attempt 1)
expect probe was-restarted → web
expect web did not help
never respond restart → web (attempt 2)
