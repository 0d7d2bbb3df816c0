# runbook-format, outcomes: a restart of unknown outcome that did not help: its probe says "not applied", and it runs again
given guarded
when step restart hangs
when web breaks
pass until respond restart → web
when step restart works
when step was-restarted exits-1
when web dies
pass 6m
expect restart timeout
expect probe was-restarted → web
expect respond restart → web (attempt 2)
expect web repaired and verified
