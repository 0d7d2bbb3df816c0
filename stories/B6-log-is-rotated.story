# B6, B28: a log over 1 GB is rotated, and measured again
given ../examples/miraikakaku
when mks-logs/errors size_bytes is 1100000000 until repaired
pass 5m
expect alert A1 [warning] ログファイルサイズ大
expect runbook log-size on mks-logs
expect respond rotate → mks-logs (attempt 1)
expect mks-logs repaired and verified
never INC-1
