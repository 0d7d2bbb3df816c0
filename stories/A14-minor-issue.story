# A14, A20: an operator opens a minor incident by hand: recorded, nobody is paged
given ../examples/miraikakaku
sato opens P3: 手順書の誤字
pass 30m
expect detected INC-1: 手順書の誤字
expect classified INC-1: P3 — manual: 手順書の誤字 (sato)
never told 手順書の誤字
never paging
sato closes INC-1
expect closed INC-1 (sato)
