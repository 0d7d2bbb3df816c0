# C17: nobody is on call at the last level: those below hear of it again, and nobody is forgotten
given rota
when api breaks
pass until escalated INC-1: level 1 on call → sato
sato acknowledges INC-1
pass 30m
expect INC-1: level 2 level 2 skipped, nobody is on call by office
expect escalated INC-1: level 3 management → boss
pass 40m
never again escalated INC-1
