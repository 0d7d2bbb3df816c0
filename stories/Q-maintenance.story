# B7, scenario 38: nothing pages inside a window, all is recorded; start and end are told; what overruns is paged
given team
maintenance of billing for 30m by sato "new disks"
expect maintenance: service="billing"
expect begins
told chat to room: [info] maintenance started: new disks
told mail to sato: [info] maintenance started: new disks
when billing breaks
pass 25m
expect Service down: Billing
never detected
never runbook
never told pager
pass 6m
expect is over
told chat to room: [info] maintenance ended: new disks
told Alerts that still fire: 1
expect within 30m20s detected INC-1
pass 1m
expect escalated INC-1
told pager to sato: [P1]
