# Grafana OnCall 4: what somebody has acknowledged is not paged again at a change of shift
given rota
when api breaks
pass until escalated INC-1: level 1 on call → sato
sato acknowledges INC-1
pass until on call by sre: sato → suzuki
never unanswered at a change of shift
never told pager to suzuki
