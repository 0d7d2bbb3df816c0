# a person ends a run that waits: nothing of it runs any more
given small
when web dies
pass 1m
expect needs approval for restart
ann ends RUN-1: wrong runbook
pass 10m
expect web a person goes on — ann ended it: wrong runbook
never respond restart
