# B6: a log above 1 GB is a warning to its owner, no incident
given ../examples/miraikakaku
when mks-logs/errors size_bytes is 1000000000
pass 5m
never alert
when mks-logs/errors size_bytes is 1000000001 until repaired
pass 5m
expect alert A1 [warning] ログファイルサイズ大: MKS のログ領域
told chat to room: [warning] 発生: ログファイルサイズ大
never INC-1
