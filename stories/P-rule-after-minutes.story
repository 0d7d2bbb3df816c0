# A45: 佐藤の規則は P1 ならまずメール、5 分後に電話。引き受ければ電話は鳴らない
given personal
when api breaks
pass until escalated INC-1: level 1 当番 → sato
told mail to sato: [P1]
told pager to sato: [P1]
pass 2m
never pager delivered
expect within 3m mail delivered
sato acknowledges INC-1
expect 送信取りやめ (sato が対応中)
pass 20m
never pager delivered
