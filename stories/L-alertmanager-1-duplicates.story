# Alertmanager 1: a receiver that fails for a while gets each message once when it is back
given ../examples/miraikakaku
when channel chat fails
when channel mail fails
when channel console fails
when proxy/traffic error_rate_percent is 60
pass 5m
expect classified INC-1: P1
expect N1: chat failed, will be tried again
when channel chat works
pass 2m
expect N1: chat delivered
never again N1:
