# B11, C1: over 90 % logs are rotated and the disk is measured again (English runbook)
given ../examples/runbooks-en
when mks-logs/space used_percent is 92 until repaired
pass 5m
expect alert A1 [warning] Disk almost full
expect diagnose largest → mks-logs
expect respond rotate → mks-logs (attempt 1)
expect disk_usage@mks-logs resolved
expect mks-logs repaired and verified
never INC-1
told [warning] resolved: Disk almost full
