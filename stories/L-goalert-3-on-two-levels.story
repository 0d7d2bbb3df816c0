# GoAlert 3: who stands on two levels and in the list beside them is told once, not twice
given small
when web breaks
pass 30s
expect ann must be told (INC-1 firing)
never again ann must be told (INC-1 firing)
pass 12m
when web recovers
pass 5m
expect recovered INC-1
expect ann must be told (INC-1 resolved)
expect bob must be told (INC-1 resolved)
never again ann must be told (INC-1 resolved)
