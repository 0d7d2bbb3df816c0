# A13: five times the errors that are normal are P2, less is not
given ../examples/miraikakaku
when mks-logs/errors errors_in_window is 9
pass 10m
never alert
when mks-logs/errors surge_ratio is 4.9
pass 10m
never alert
when mks-logs/errors surge_ratio is 5
expect within 30s alert A1 [warning] ログエラー急増
expect within 1m classified INC-1: P2 — log_surge@mks-logs
when mks-logs/errors surge_ratio is 1
expect within 1m log_surge@mks-logs resolved
