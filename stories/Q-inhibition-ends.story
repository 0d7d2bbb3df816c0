# An inhibited alert whose source is over, with no incident that it belongs to, is told by itself
given team
silence alertname="ApiErrors" for 1h by sato "known"
prometheus sends ApiErrors on billing critical
prometheus sends SlowPages on billing warning
pass 2m
never must be told
prometheus resolves ApiErrors on billing
pass 10s
told [warning] firing: SlowPages: Billing
