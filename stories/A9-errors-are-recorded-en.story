# A9, A33: a person has the failures counted and kept before anybody decides; nothing is restarted (English runbook)
given ../examples/runbooks-en
when proxy/traffic error_rate_percent is 60
pass 1m
expect alert A1 [critical]
never runbook error-rate
sato runs error-rate on proxy
pass 1m
expect diagnose failures → proxy
expect evidence evidence → proxy
never RUN-1: respond
