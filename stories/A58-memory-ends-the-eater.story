# A58, A60, C26: memory is still short: after a yes the largest allowed process ends; APIs are not restarted
given ../examples/miraikakaku
when step memory gives available_mb=120
when machine/oom oom is true until repaired
pass 3m
expect alert A1 [critical] メモリ不足
expect evidence evidence → machine
expect needs approval for end → machine (step end is destructive; of 1)
never respond end
suzuki approves APP-1
pass 5m
expect respond end → machine
expect roll skipped
expect machine repaired and verified
