# Grafana OnCall 1206: a restart in the middle loses no change of shift, no level and no page
given rota
when api breaks
pass until escalated INC-1: level 1 on call → sato
pass 20m
when hikeshi restarts
pass until INC-1: unanswered at a change of shift, paging suzuki
when hikeshi is away for 20m
expect INC-1: level 2 level 2 skipped, nobody is on call by office
pass 30m
expect escalated INC-1: level 3 management → boss
