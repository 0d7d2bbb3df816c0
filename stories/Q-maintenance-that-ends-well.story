# B7: a window after which everything is well leaves no page
given team
maintenance of billing for 30m by sato "new disks"
when billing breaks
pass 10m
when billing recovers
pass 1h
expect Service down: Billing
expect service_down@billing resolved
expect is over
never detected
never told pager
told Alerts that still fire: 0
