# A27: a runbook that is not in mode auto asks before it restarts anything, and runs when somebody agrees
given small
when web dies
pass 1m
expect diagnose status → web
expect needs approval for restart → web (service-down is not in mode auto; of 1)
told pager to ann: [approval] APP-1 restart → web
told Answer: hikeshi approval show APP-1
never respond restart
bob approves APP-1
pass 5m
expect bob approved
expect respond restart → web
expect web repaired and verified
