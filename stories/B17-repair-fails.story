# B17, B19: the repair itself fails: no second try by itself, people one level up hear of it at once
given ../examples/miraikakaku
when step restart fails
when mks-backend breaks
pass 5m
expect restart failed: exit code 1
expect mks-backend failed — restart: failed: exit code 1
expect escalated INC-1: level 2 レベル2 → lead, dba (automatic repair gave up)
never again respond restart
told 対応状況: 自動復旧は停止。手動対応待ち
never repaired
