# A50: an update that a person writes: asked for in time, flagged when it is not there, kept by what is released
given speaking-en
sato opens P0: payments stopped
pass 1m
expect INC-1: investors informed, next at
told mail to investors: [P0] Shop: service emergency
pass 20m
expect DRF-1: draft for stakeholders on INC-1 (hikeshi)
expect INC-1: the update to investors
told chat to room: [DRF-1] an update is due soon: Investors
pass 10m
expect is overdue (nobody wrote it)
told chat to room: [INC-1] a promised update is overdue: Investors
sato releases draft DRF-1 at 1
refused [situation], [response]
sato fills situation of DRF-1: payments are off [more later] {began}
sato fills response of DRF-1: rolling back
sato releases draft DRF-1 at 1
refused is at revision 3 now
sato releases draft DRF-1 at 3
expect DRF-1: revision 3 released (sato)
expect INC-1: investors informed (DRF-1), next at
told mail to investors: [P0] Shop: where we are
told Situation: payments are off (more later) {began}
pass 5m
never again overdue
