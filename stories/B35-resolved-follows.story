# B35: firing and resolved of a P1 take the same road: chat and mail
given ../examples/miraikakaku
when mks-backend dies
pass 10m
expect recovered INC-1
told chat to room: [P1] mks: サービスダウン: MKS バックエンド
told chat to room: [復旧完了]
told mail to sato: [復旧完了]
