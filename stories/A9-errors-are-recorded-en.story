# A9, A33: failures are counted and kept at once, and once; people decide, nothing is restarted
given ../examples/runbooks-en
when proxy/traffic error_rate_percent is 60
pass 1m
expect alert A1 [critical]
expect diagnose failures → proxy
expect evidence evidence → proxy
expect proxy looked
never RUN-1: respond
pass 20m
never RUN-2
