# Grafana OnCall 4: acknowledged means quiet: no further page, also over a restart; level 2 still hears when it lasts
given ../examples/miraikakaku
when prediction/journey up is false
when price/journey up is false
pass 7m
expect no answer, paging suzuki
sato acknowledges INC-1
expect sato acknowledged INC-1
pass 10m
when hikeshi restarts
pass 10m
never again phone
pass 10m
expect escalated INC-1: level 2
expect phone delivered
never again no answer
