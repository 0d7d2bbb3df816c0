# A45: once somebody is on it, nobody is woken up any more, not even by a page that its service did not take in time
given ../examples/miraikakaku
when channel phone fails
when channel chat fails
when channel mail fails
when channel console fails
when prediction/journey up is false
when price/journey up is false
pass 2m
expect phone failed, will be tried again
suzuki acknowledges INC-1
expect not sent any more, suzuki is on it
when channel phone works
when channel chat works
when channel mail works
pass 20m
never phone delivered
expect chat delivered
