# D, C17: 停止中に切れた期限は、戻ったときに一度だけ、切れた時刻とともに書かれる
given clocks
when web breaks
pass until classified INC-1: P1
when hikeshi is away for 20m
pass 10s
expect INC-1 期限超過: 対応開始 10分以内
told 期限: 2026-11-22 03:
when hikeshi restarts
pass 10m
never again 期限超過
