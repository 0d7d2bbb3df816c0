# C11, A2: the last serving instance dies: what was a warning becomes an incident at once
given ../examples/miraikakaku
when api-1 breaks
when api-2 breaks
pass 20s
never INC-1
when api-3 breaks
pass 1m
expect service_down@api-1 raised to critical
expect within 30s detected INC-1: サービスダウン
