# the switch is thrown while a run is under way: nothing more is changed, also after a restart of hikeshi
given guarded
when db dies
pass 1m
expect needs approval for wipe → db
ann stops automation for 30m: wrong alarm?
bob approves APP-1
when hikeshi restarts
pass 8m
never respond wipe
pass 40m
never respond wipe
