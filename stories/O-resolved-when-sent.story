# Who is on call is asked when the page is sent: an override between the incident and the next level counts
given rota
when api breaks
pass until escalated INC-1: level 1 on call → sato
tanaka puts ito on call by office for 2h: covers Sunday
expect ito on call by office
pass 31m
expect escalated INC-1: level 2 level 2 → ito
told pager to ito: [P1] escalated
