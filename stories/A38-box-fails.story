# A38: duplicates are an incident of their own, and keep the other one from counting as recovered
given ../examples/miraikakaku
when api-1 dies
when api-2 dies
when api-3 dies
pass 1m
expect detected INC-1: サービスダウン: API
when database/login duplicate_prices is 3
pass 30m
expect detected INC-2: 株価データの重複: PostgreSQL
expect INC-1 recovery check integrity: fail (data_integrity_duplicates@database)
never recovered
when database/login duplicate_prices is 0
pass 10m
expect recovered INC-1
expect recovered INC-2
