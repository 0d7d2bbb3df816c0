# Alertmanager 4: what was inhibited stays so over a restart, also while its senders have not spoken again
given team
prometheus sends ApiErrors on billing critical
prometheus sends SlowPages on billing warning
pass 2m
when hikeshi restarts
prometheus says nothing for 3m
pass 2m
never told SlowPages
