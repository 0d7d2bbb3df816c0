# R: a step that changes nothing is run again after a failure, twice at most
given ../examples/miraikakaku
when step memory fails
when machine/host mem_used_percent is 85
pass 5m
expect diagnose memory → machine (attempt 1)
expect diagnose memory → machine (attempt 2)
expect diagnose memory → machine (attempt 3)
never (attempt 4)
expect machine failed
