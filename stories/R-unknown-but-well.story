# R: hikeshi is killed during a restart that worked: recovered, cause uncertain, and the restart ran once
given ../examples/miraikakaku
when step restart hangs
when mks-backend dies
pass until respond restart → mks-backend (attempt 1)
when hikeshi restarts
when mks-backend recovers
pass 5m
expect respond restart → mks-backend (attempt 1)
expect restart unknown: hikeshi was restarted
expect mks-backend recovered, cause uncertain
never again respond restart
never repaired
