# C7: without a baseline only the absolute limit speaks, as a warning
given ../examples/miraikakaku
when mks-logs/errors errors_in_window is 9
pass 10m
never alert
when mks-logs/errors errors_in_window is 10
pass 1m
expect alert A1 [warning] ログエラー増加
never INC-1
