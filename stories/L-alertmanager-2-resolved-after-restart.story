# Alertmanager 2: an alert that ends right after a restart is still told as resolved
given ../examples/miraikakaku
when mks-backend breaks
pass 2m
expect classified INC-1: P1
when hikeshi restarts
when mks-backend recovers
pass 40m
expect service_down@mks-backend resolved
expect recovered INC-1
told chat to room: [復旧完了]
