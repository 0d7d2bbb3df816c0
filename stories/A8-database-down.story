# A8, A40, A55: the database is down: one incident, the cause is the database, no API is restarted before it is back
given ../examples/miraikakaku
when database breaks
when api-1 dies
when api-2 dies
when api-3 dies
when prediction breaks
when price breaks
pass 2m
expect detected INC-1
expect classified INC-1: P0
never INC-2
never respond restart
when database recovers
when prediction recovers
when price recovers
pass 10m
expect verified, 3 in a row
expect respond restart
expect database repaired and verified
expect recovered INC-1
