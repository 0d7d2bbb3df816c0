# A45: Bert's rules are mail first and the pager five minutes later; nobody answers, and the pager is used in time, once
given personal-berlin
when api breaks
pass until escalated INC-1: level 2 level 2 → bert
expect level 1 on call skipped, quiet hours of anna
told mail to bert: [P1]
told pager to bert: [P1]
pass 4m
never pager delivered
pass 2m
expect pager delivered
never again pager delivered
