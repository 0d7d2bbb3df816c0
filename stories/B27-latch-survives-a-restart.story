# B27: a restart of hikeshi forgets no limit: the latch holds
given ../examples/miraikakaku
when mks-backend breaks
pass until is not touched automatically
when hikeshi restarts
pass 20m
expect is not touched automatically
never again respond restart
