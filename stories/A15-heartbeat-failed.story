# A15, A27: a job that says that it failed is an incident at once, its runbook answers, and its next success ends it
given jobs
ping billing start
pass 1m
ping billing exit 3
expect within 1s alert A1 [critical] job failed: billing (Database) — exit code 3
expect detected INC-1
pass 1m
expect respond run-again → database
told pager to ann: [P1]
ping billing
expect heartbeat_failed{billing}@database resolved
pass 5m
expect recovered INC-1
never INC-2
