# A55, A8: the database takes APIs and journeys with it: one incident, whose cause is the database
given ../examples/miraikakaku
when api-1 breaks
when prediction breaks
pass 20s
when database breaks
when api-2 breaks
when api-3 breaks
when price breaks
pass 5m
expect service_down@api-3 belongs to INC-1
expect INC-1 is explained by database: データベース接続失敗: PostgreSQL
expect function_failed@price belongs to INC-1
never detected INC-2
