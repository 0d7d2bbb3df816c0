# L: a page that failed while the journal took nothing is tried again, also before the disk has room
given ../examples/miraikakaku
when channel chat fails
when proxy/traffic error_rate_percent is 60
pass until N1: chat must be told
when the disk is full
pass 3m
when channel chat works
when the disk has room
pass 5m
expect N1: chat delivered
