# A13: five times the errors that are normal are P2, less is not
given ../examples/miraikakaku
when mks-logs/errors surge_ratio is 4.9
pass 10m
never alert
when mks-logs/errors surge_ratio is 5
pass 1m
expect within 10s alert A1 [warning] ログエラー急増
expect classified INC-1: P2 — log_surge@mks-logs
when mks-logs/errors surge_ratio is 1
pass 1m
expect log_surge@mks-logs resolved
