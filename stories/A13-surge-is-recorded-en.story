# A13, A33: five times the usual errors: the lines are counted and kept, nothing is restarted (English runbook)
given ../examples/runbooks-en
when mks-logs/errors surge_ratio is 6
pass 3m
expect runbook log-surge on mks-logs
expect diagnose patterns → mks-logs
expect evidence evidence → mks-logs
expect looked
never RUN-1: respond
