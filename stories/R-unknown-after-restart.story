# R: a restart is under way when hikeshi is killed: its outcome is unknown, it is not done again, and no success is claimed
given ../examples/miraikakaku
when step restart hangs
when mks-backend breaks
pass until respond restart → mks-backend (attempt 1)
when hikeshi restarts
pass 5m
expect respond restart → mks-backend (attempt 1)
expect hikeshi story started
expect restart unknown: hikeshi was restarted
expect a person must say what became of restart
never again respond restart
never repaired
