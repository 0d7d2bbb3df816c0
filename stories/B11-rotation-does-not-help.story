# B11, B17, C1: rotation frees nothing: people take over, and after ten minutes over 90 % it is critical
given ../examples/miraikakaku
when mks-logs/space used_percent is 92
pass 15m
expect alert A1 [warning] ディスク容量90%超
expect respond rotate → mks-logs
expect disk_usage@mks-logs raised to critical: used_percent = 92 % (used_percent > 90)
expect classified INC-1: P1
