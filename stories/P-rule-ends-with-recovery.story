# A45: 電話の前に直れば、残りの規則は取りやめ。直ったという知らせは届く
given personal
when api breaks
pass until escalated INC-1: level 1 当番 → sato
pass 1m
when api recovers
pass until recovered INC-1
expect 送信取りやめ (終わっています)
pass 10m
never pager delivered
