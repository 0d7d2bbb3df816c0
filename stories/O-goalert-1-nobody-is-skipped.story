# GoAlert 4548, C17: a level with nobody on call does not wait out its delay: the next is told at once, and it is written down
given rota-empty
when api breaks
pass until classified INC-1
expect INC-1: level 1 office hours skipped, nobody is on call by office
expect escalated INC-1: level 2 on call → sato
told pager to sato: [P1]
never told pager to tanaka
