# D: 期限内に引き受け、復旧すれば、超過はなく、レビューにそう書かれる
given clocks
when web breaks
pass until delivered
sato acknowledges INC-1
pass 20m
when web recovers
pass 3m
expect recovered INC-1
expect 期限内: 第一報・対応開始・復旧
never 期限超過
