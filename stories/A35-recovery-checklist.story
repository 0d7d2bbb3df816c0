# A35, A36, A37, A38, A39: recovered only when all five boxes have passed, the last after five steady minutes
given ../examples/miraikakaku
when frontend dies
pass 15m
expect detected INC-1
expect repaired INC-1
expect recovery check db: pass
expect recovery check api: pass
expect recovery check frontend: pass
expect recovery check integrity: pass
expect recovery check performance: not yet
expect recovery check performance: pass
expect recovered INC-1
