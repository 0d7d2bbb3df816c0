# Keep 3: what is said again changes nothing and tells nobody
given team
prometheus sends DiskSlow on machine warning
pass 1m
expect [warning] DiskSlow{zone=}: Machine
expect must be told
pass 20m
never again [warning]
never again must be told
