# A38: rows are missing after a database outage: not recovered before they are back
given ../examples/miraikakaku
when database breaks
pass 1m
expect detected INC-1
when database/login priced_symbols is 12
when database recovers
pass 30m
expect database_connection_failed@database resolved
never recovered INC-1
when database recovers
when database/login priced_symbols is 30
pass 10m
expect recovery check integrity: pass
expect recovered INC-1
