# A53: the recovery notice comes after all boxes, with times, and says that the cause is under investigation
given ../examples/miraikakaku
when prediction/journey up is false
when price/journey up is false
pass 3m
expect classified INC-1: P0
never told [復旧完了]
when prediction recovers
when price recovers
when prediction/journey recovers
when price/journey recovers
pass 4m
never told [復旧完了]
pass 10m
expect recovered INC-1
told mail to stakeholders: [復旧完了] Miraikakakuサービス正常化
told 影響時間: 2026-11-22 03:01 JST-2026-11-22 03:
told 根本原因: 調査中
told 再発防止策: 調査中
