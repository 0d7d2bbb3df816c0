# A15, A59: a job that fails again and again is one thread, not one message for each time
given jobs
ping billing fail
ping billing
ping billing fail
ping billing
ping billing fail
ping billing
ping billing fail
ping billing
expect heartbeat_failed{billing}@database is flapping
ping billing fail
expect heartbeat_failed{billing}@database: bad again
never INC-2
ping billing
pass 12m
expect heartbeat_failed{billing}@database resolved
