# A28: a service that asks for long peace gets it: the page takes the next way at once, and nobody knocks before the time
given ../examples/miraikakaku
when channel mail is busy for 40m
when prediction/journey up is false
when price/journey up is false
pass 3m
expect mail failed, will be tried again (attempt 1: HTTP 429)
expect chat delivered (attempt 2: ok)
pass 30m
never mail failed, will be tried again (attempt 3: HTTP 429)
