# D, C3, B9, A80: without limits of its own, a team has those of the two documents; what was told once is not told again
given speaking-en
when web breaks
pass until classified INC-1: P1
pass 14m
never deadline missed
pass 2m
expect INC-1 deadline missed: start of response within 15m (document B, service_down@web)
told chat to room: [INC-1] deadline missed: start of response
pass 90m
expect INC-1 deadline missed: recovery within 30m (document A, level 2)
never again deadline missed
