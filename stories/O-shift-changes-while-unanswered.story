# A45, OneUptime: the shift changes while nobody has acknowledged a P0: whoever comes is paged, and pages go on for hours
given rota
when api breaks
pass until escalated INC-1: level 1 on call → sato
pass until on call by sre: sato → suzuki
expect on call by sre: sato → suzuki
expect INC-1: unanswered at a change of shift, paging suzuki
told pager to suzuki: [P1] your shift now, unanswered
told mail to sato: [info] your shift is over: SRE
told mail to suzuki: [info] you are on call: SRE
told Open incidents: INC-1
pass 4h
expect escalated INC-1: level 3 management → boss
pass 1h
pass until INC-1: no answer, paging suzuki
pass until INC-1: no answer, paging boss
when api recovers
pass until recovered INC-1
told mail to sato: [Recovered]
told mail to suzuki: [Recovered]
