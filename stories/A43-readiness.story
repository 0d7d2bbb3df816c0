# A43, C12: an instance that is still starting is waited for; after the limit it counts as not recovered
given ../examples/miraikakaku
when api-2 breaks
pass until did not help
expect respond restart → api-2
expect not healthy yet
expect api-2 did not help — not healthy within 1m
never api-2 repaired
