# A45, grafana-oncall 2: 規則の途中で再起動しても、残りは時間どおりに一度だけ届く
given personal
when api breaks
pass until escalated INC-1: level 1 当番 → sato
pass 2m
when hikeshi restarts
pass 2m
never pager delivered
pass 2m
expect pager delivered
never again pager delivered
