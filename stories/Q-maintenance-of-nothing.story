# A window needs an end: one that has ended cannot be ended again
given team
maintenance of billing for 30m by sato "new disks"
pass 31m
expect is over
maintenance ends
refused already expired
