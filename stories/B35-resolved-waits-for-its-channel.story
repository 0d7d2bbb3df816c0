# B35: the all-clear takes the road of the page: a channel that is down hears it later, and never not
given ../examples/miraikakaku
when mks-backend dies
pass 1m
when channel chat fails
when channel mail fails
pass 10m
expect recovered INC-1
when channel chat works
when channel mail works
pass 1m
told chat to room: [復旧完了]
told mail to sato: [復旧完了]
