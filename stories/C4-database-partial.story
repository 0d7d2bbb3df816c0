# C4, A8: the database is down and users can still work: P1; once no journey works: P0, and everybody hears it
given ../examples/miraikakaku
when database breaks
pass 3m
expect classified INC-1: P1 — database_connection_failed@database
when prediction breaks
when price breaks
pass 1m
expect within 30s classified INC-1: P0 — core_journey_dead
told phone to sato: [P0] Miraikakakuサービス緊急事態
pass 6m
expect no answer, paging suzuki
