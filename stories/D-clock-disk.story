# D, C1, B11: ディスク 90 % 超は 1 時間以内、重大になればその時から 15 分以内の対応開始
given ../examples/miraikakaku
when mks-logs/space used_percent is 92
pass until classified INC-1: P1
pass 14m
never 期限超過: 対応開始
pass 2m
expect INC-1 期限超過: 対応開始 15分以内 (文書B disk_usage@mks-logs)
