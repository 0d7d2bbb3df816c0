# L, flapping: the fourth firing within half an hour ends only after ten steady minutes
given ../examples/miraikakaku
when proxy/traffic error_rate_percent is 6
pass 1m
when proxy/traffic error_rate_percent is 0
pass 1m
when proxy/traffic error_rate_percent is 6
pass 1m
when proxy/traffic error_rate_percent is 0
pass 1m
when proxy/traffic error_rate_percent is 6
pass 1m
when proxy/traffic error_rate_percent is 0
pass 1m
when proxy/traffic error_rate_percent is 6
pass 1m
when proxy/traffic error_rate_percent is 0
pass 5m
expect error_rate@proxy is flapping (4 firings)
expect error_rate@proxy: good now, must stay so
never again resolved
pass 6m
expect error_rate@proxy resolved
