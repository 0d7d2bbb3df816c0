# A20, A68: an operator opens a P0: it is escalated like any other, and only people end it
given ../examples/miraikakaku
sato opens P0: 外部からの障害報告
pass 1m
expect detected INC-1: 外部からの障害報告
expect classified INC-1: P0 — manual
expect within 1m escalated INC-1: level 1
told phone to suzuki: [P0]
pass 6m
expect INC-1: no answer, paging suzuki
sato closes INC-1
refused it needs a root cause
sato closes INC-1: 回線事業者の障害
expect root cause (sato): 回線事業者の障害
expect recovered INC-1
expect closed INC-1 (sato)
told [復旧完了]
told 根本原因: 回線事業者の障害
