# A28: mail is down during a P0: the next channel is used, every attempt is on record
given ../examples/miraikakaku
when channel mail fails
when prediction/journey up is false
when price/journey up is false
pass 3m
expect classified INC-1: P0
expect chat delivered (attempt 1: ok)
expect mail failed, will be tried again (attempt 1: connection refused)
expect mail failed, will be tried again (attempt 3: connection refused)
expect chat delivered (attempt 4: ok)
