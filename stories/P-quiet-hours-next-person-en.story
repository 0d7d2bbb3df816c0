# Quiet hours: at 19:00 in Berlin a P1 goes to whoever comes next, at once; a P0 wakes Anna all the same
given personal-berlin
when api breaks
pass until escalated INC-1
expect level 1 on call skipped, quiet hours of anna
expect within 2m escalated INC-1: level 2 level 2 → bert
never told pager to anna
carl opens P0: the data centre burns
pass 1m
told pager to anna: [P0]
