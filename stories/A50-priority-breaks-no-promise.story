# A50: a lower priority has a longer cadence, and what was promised before still comes at its time
given ../examples/miraikakaku
sato opens P0: 決済が止まった
pass 10m
sato sets INC-1 to P2: 影響は小さい
pass 19m
never INC-1 update sent
pass 2m
expect INC-1 update sent
expect INC-1: company informed, next on change
told 次回更新: 状況が変わり次第
never overdue
