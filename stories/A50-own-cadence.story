# A50, C32: stakeholders hear by their own template and cadence, with the time of the next update, until it is over
given speaking
when web breaks
pass 1m
sato sets INC-1 to P1: 利用者への影響は一部
pass 50m
expect INC-1: board informed, next at
expect INC-1: board informed, next at
expect INC-1: board informed, next at
told mail to board: [P1] Shop INC-1
told mail to board: [P1] 経過報告 Shop INC-1
told 原因: 確認中
told 次回更新: 2026-11-22 03:41 JST
never told mail to investors
never overdue
when web recovers
pass 10m
expect INC-1: board informed, it is over
told mail to board: [復旧完了] Shopサービス正常化
