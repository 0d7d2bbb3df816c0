# C17: nobody is on call at the last level: those below hear of it again, and pages go on
given rota-pair
when api breaks
pass until escalated INC-1: level 1 on call → tanaka, ito
pass 29m
expect escalated INC-1: level 1
pass 2m
expect INC-1: level 2 level 2 skipped, nobody is on call by office
expect escalated INC-1: level 2 level 2 → tanaka, ito
pass 10m
expect no answer, paging
