# GoAlert 912: two people on call are paged once each, in one escalation
given rota-pair
when api breaks
pass until classified INC-1
expect escalated INC-1: level 1 on call → tanaka, ito
never again escalated INC-1
told pager to tanaka: [P1]
told pager to ito: [P1]
pass 4m
never again paging
