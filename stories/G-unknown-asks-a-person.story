# runbook-format, outcomes: neither the check nor the probe can tell: the target is latched, and a person says what to do
given guarded
when step restart hangs
when web breaks
pass until restart timeout
when step was-restarted exits-75
pass 4m
expect a person must say what became of restart
expect web is not touched automatically until
told [question] RUN-1 → web
told Answer: hikeshi run answer RUN-1 done|again|manual
never respond restart → web (attempt 2)
ann answers RUN-1 again
refused an answer needs a reason
when step restart works
when web dies
ann answers RUN-1 again: the unit was never stopped
pass 5m
expect treat it as not done, run it again (the unit was never stopped)
expect respond restart → web (attempt 2)
expect web repaired and verified
