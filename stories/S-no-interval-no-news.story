# Without group_interval and repeat_interval a warning is told once
given team
prometheus sends SlowPages on machine warning page=a
pass 1m
expect must be told
prometheus sends SlowPages on machine warning page=b
pass 5h
never again must be told
