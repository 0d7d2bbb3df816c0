# B7, A55: what needs a service under maintenance suffers as expected: recorded, not paged; other trouble is paged
given team
maintenance of database for 30m by sato "upgrade"
when database breaks
when api breaks
when web breaks
pass 20m
expect Service down: API
expect Service down: Database
expect Service down: Web
never detected
when billing breaks
pass 1m
expect detected INC-1
maintenance ends
pass 1m
expect detected INC-2
expect escalated INC-2
never INC-3
