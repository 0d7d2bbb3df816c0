# A17, A18, A22, A24: detected, assessed, classified, escalated, responding: in this order, without a person
given ../examples/miraikakaku
when mks-backend dies
pass 5m
expect detected INC-1: サービスダウン: MKS バックエンド (cause: mks-backend)
expect assessed INC-1: affects mks-backend / expected recovery unknown
expect classified INC-1: P1 — service_down@mks-backend
expect escalated INC-1: level 1 当番 → sato, suzuki
expect responding INC-1: hikeshi
expect repaired INC-1
expect recovered INC-1
expect reviewed INC-1
never INC-2
