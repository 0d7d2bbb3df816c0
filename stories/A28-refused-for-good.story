# A28: a channel that refuses for good, such as a token that is none, is left at once: no retry, the next way
given ../examples/miraikakaku
when channel mail refuses
when prediction/journey up is false
when price/journey up is false
pass 3m
expect mail failed, will be tried again (attempt 1: HTTP 401)
expect chat delivered (attempt 2: ok)
never mail failed, will be tried again (attempt 2
