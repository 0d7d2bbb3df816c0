# Grafana OnCall 2, 3: a restart loses no timer: pages and escalation come at their time
given ../examples/miraikakaku
when prediction/journey up is false
when price/journey up is false
pass 4m
when hikeshi restarts
pass 3m
expect INC-1: no answer, paging suzuki
pass 20m
when hikeshi restarts
pass 5m
expect escalated INC-1: level 2
