# C11, A22: one of three instances dies and the others serve: a warning, repaired, no incident; alone it becomes loud
given ../examples/miraikakaku
when api-1 dies
pass 5m
expect alert A1 [warning] サービスダウン: API-1
expect service_down@api-1 resolved
expect api-1 repaired and verified
never INC-1
