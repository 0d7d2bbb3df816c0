# A12, C6: 4.9 % nothing, 5 % and 9.9 % a warning without an incident, 10 % and 49.9 % P2
given ../examples/miraikakaku
when proxy/traffic error_rate_percent is 4.9
pass 5m
never alert
when proxy/traffic error_rate_percent is 9.9
pass 5m
expect within 10s alert A1 [warning] APIエラー率: nginx
never INC-1
told chat to room: [warning] 発生: APIエラー率: nginx
when proxy/traffic error_rate_percent is 10
pass 1m
expect within 10s detected INC-1
expect classified INC-1: P2 — error_rate@proxy
when proxy/traffic error_rate_percent is 49.9
pass 10m
never P1
when proxy/traffic error_rate_percent is 50
pass 1m
expect within 10s classified INC-1: P1 — error_rate@proxy
never INC-2
