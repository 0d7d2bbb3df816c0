# A24: the expected time to recover comes from past incidents of the kind; before that it is unknown
given ../examples/miraikakaku
when mks-backend dies
pass 10m
expect assessed INC-1: affects mks-backend / expected recovery unknown
expect recovered INC-1
told 推定復旧時間: 不明
sato closes INC-1: メモリ不足
when mks-backend dies
pass 10m
expect assessed INC-2: affects mks-backend / expected recovery about
told (過去 1 件の中央値)
