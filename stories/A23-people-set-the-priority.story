# A23: an operator may change the priority, with a reason; what was measured does not overrule it at once
given ../examples/miraikakaku
when proxy/traffic error_rate_percent is 60
pass 1m
expect classified INC-1: P1 — error_rate@proxy: error_rate_percent = 60 % (error_rate_percent ≥ 50) (hikeshi)
sato sets INC-1 to P2
refused a change of priority needs a reason
sato sets INC-1 to P2: 内部の負荷試験
pass 30m
expect classified INC-1: P2 — person: error_rate_percent = 60 % (error_rate_percent ≥ 50) (sato)
never again classified INC-1
when prediction breaks
when price breaks
pass 2m
expect within 1m classified INC-1: P0 — core_journey_dead
