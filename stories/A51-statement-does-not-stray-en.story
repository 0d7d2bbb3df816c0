# A51, A28: what does not reach the press is tried again; a room of ours does not stand in for them
given speaking-en
sato opens P0: payments stopped
sato drafts media for INC-1
mori edits DRF-1: Payments are off.
when channel mail fails
mori releases draft DRF-1 at 2
pass 20m
told mail to press: On the disruption of Shop
expect mail failed, will be tried again
never chat delivered (attempt 4
when channel mail works
pass 1m
expect mail delivered
