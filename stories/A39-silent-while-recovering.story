# A39: a box that is not measured any more does not pass: old good values are no proof
given ../examples/miraikakaku
when frontend dies
pass 1m
when proxy/traffic falls silent
pass 30m
expect repaired INC-1
never recovered INC-1
when proxy/traffic recovers
pass 6m
expect no_data@proxy resolved
expect recovered INC-1
