# in a freeze window a runbook in mode auto asks first; outside it does not
given guarded
pass 3h
when cache dies
pass 1m
expect needs approval for restart → cache (freeze window trading; of 1)
never respond restart
bob approves APP-1
pass 3m
expect respond restart → cache
expect cache repaired and verified
pass 5h
when cache dies
pass 3m
expect respond restart → cache
never again needs approval
