# B6, B28: a log over 1 GB is rotated, and measured again (English runbook)
given ../examples/runbooks-en
when mks-logs/errors size_bytes is 1100000000 until repaired
pass 5m
expect alert A1 [warning] Log file too large
expect runbook log-size on mks-logs
expect respond rotate → mks-logs (attempt 1)
expect mks-logs repaired and verified
never INC-1
