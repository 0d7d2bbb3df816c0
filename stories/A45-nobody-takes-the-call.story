# A45: a call that nobody takes moves to the next way at once; the word of the service, said twice, moves it once
given ../examples/miraikakaku
when channel phone rings in vain
when prediction/journey up is false
when price/journey up is false
pass 2m
expect phone delivered
expect within 1m phone nobody took it (no-answer); the next way is tried at once
expect within 1m chat delivered
never N1: phone delivered (attempt 2
never answered by
pass 10m
expect paging suzuki
