# GoAlert 4548: an empty level between two others is skipped when its time comes, and the next hears at once
given rota
when api breaks
pass until escalated INC-1: level 1 on call → sato
sato acknowledges INC-1
pass 30m
expect INC-1: level 2 level 2 skipped, nobody is on call by office
expect escalated INC-1: level 3 management → boss
pass 40m
never again escalated INC-1
