# B1: a service that is up and does not answer is down as well, and is restarted
given ../examples/miraikakaku
when mks-backend hangs
pass 5m
expect within 1m alert A1 [critical] サービスダウン: MKS バックエンド
expect respond restart → mks-backend
expect mks-backend repaired and verified
