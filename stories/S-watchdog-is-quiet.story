# Watchdog fires always: it is recorded and told to nobody
given team
prometheus sends Watchdog on prometheus none
pass 10m
expect Watchdog
never must be told
