# A27: whoever says no takes over: the run ends, the target is latched, nothing ran
given small
when web dies
pass 1m
ann denies APP-1: the disk is being swapped
pass 20m
expect denied by ann (the disk is being swapped)
expect web a person goes on
expect web is not touched automatically until
never respond restart
