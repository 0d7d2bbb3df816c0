# A39: still slow after the repair: not recovered before five good minutes
given ../examples/miraikakaku
when frontend dies
pass 1m
expect detected INC-1
when proxy/traffic error_rate_percent is 7
pass 20m
expect error_rate@proxy belongs to INC-1
expect repaired INC-1
never recovered INC-1
when proxy/traffic error_rate_percent is 0
pass 4m
never recovered INC-1
pass 3m
expect recovery check performance: pass
expect recovered INC-1
