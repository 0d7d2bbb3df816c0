# A15: a run that began and does not end within its grace is missed, and another run's success does not hide it
given jobs
ping billing
ping billing start of run-1
pass 1m
ping billing start of run-2
pass 2m
ping billing of run-2
pass 6m
never missed
pass 2m
expect heartbeat billing was missed
expect alert A1 [critical] heartbeat missed: billing (Database)
ping billing of run-1
expect heartbeat_missed{billing}@database resolved
pass 9m
never again heartbeat billing was missed
