# A35, A68: 人が開いた P0 も、復旧チェックリストを通らなければ閉じられない。通れば閉じられる
given ../examples/miraikakaku
sato opens P0: 決済が二重に行われる
when search/journey up is false
pass 1m
sato closes INC-1: 二重送信
refused 復旧を確認できていません
never closed INC-1
