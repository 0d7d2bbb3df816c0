# A68, B18: closing is refused while it burns, before recovery is verified, and without a root cause
given ../examples/miraikakaku
when mks-backend breaks
pass 2m
expect classified INC-1: P1
sato closes INC-1: 早すぎる
refused INC-1 still burns: service_down@mks-backend
when mks-backend recovers
pass until service_down@mks-backend resolved
sato closes INC-1: まだ早い
refused the recovery of INC-1 is not verified yet
pass 40m
expect recovered INC-1
sato closes INC-1
refused it needs a root cause to be closed
sato closes INC-1: 設定の誤り
expect INC-1 root cause (sato): 設定の誤り
expect closed INC-1 (sato)
