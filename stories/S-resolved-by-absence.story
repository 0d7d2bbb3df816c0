# What nobody says any more is over when its time has come, without a message
given team
prometheus sends Down on billing critical
pass 1m
expect detected INC-1
prometheus says nothing for 3m
never resolved
prometheus says nothing for 6m
expect ended, not heard of any more
expect Down@billing resolved
pass 2m
expect recovered INC-1
