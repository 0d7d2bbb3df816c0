# A45, grafana-oncall 2: hikeshi is down when the pager's time comes: it is used once, right after the start
given personal-berlin
when api breaks
pass until escalated INC-1: level 2 level 2 → bert
pass 1m
when hikeshi is away for 6m
pass 10s
expect within 370s pager delivered
never again pager delivered
