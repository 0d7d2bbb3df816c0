# A66, B18: what was repaired by itself is reviewed by itself: times, impact, how
given ../examples/miraikakaku
when mks-backend dies
pass 10m
expect recovered INC-1
expect 自動復旧、アラート 1 件
never INC-2
