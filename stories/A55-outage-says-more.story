# A55: an outage explains what was known of the same service before; wrong data explains no dead processes
given ../examples/miraikakaku
when database/login orphan_predictions is 4
pass 1m
expect detected INC-1: 孤立した予測: PostgreSQL
expect classified INC-1: P2
when api-1 breaks
when api-2 breaks
when api-3 breaks
pass 1m
expect detected INC-2: サービスダウン: API
when database breaks
pass 1m
expect is explained by database: データベース接続失敗: PostgreSQL
expect merged into
never INC-3
