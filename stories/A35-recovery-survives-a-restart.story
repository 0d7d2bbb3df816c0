# A35: hikeshi is restarted while it waits for the checklist: nothing is taken for granted, and it recovers all the same
given ../examples/miraikakaku
when frontend dies
pass until recovery check integrity: pass
when hikeshi restarts
pass 6m
expect recovery check integrity: pass
expect hikeshi story started
expect recovered INC-1
told [復旧完了]
