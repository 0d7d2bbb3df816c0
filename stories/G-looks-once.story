# A runbook without a response looks, keeps evidence, and is done: it neither gives up nor looks again at the same fire
given ../examples/miraikakaku
when proxy/traffic error_rate_percent is 12
pass 1m
expect within 30s alert A1 [warning] APIエラー率: nginx
expect runbook error-rate on proxy
expect evidence evidence → proxy
expect proxy looked
pass 20m
never RUN-2
never latched proxy
never needs a person
