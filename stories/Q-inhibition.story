# While one alert fires, those that it explains are quiet; with its end they are judged anew
given team
prometheus sends ApiErrors on billing critical
prometheus sends SlowPages on billing warning
prometheus sends SlowPages on machine warning
pass 2m
expect [warning] SlowPages: Billing
never told SlowPages: Billing
told SlowPages: Machine
prometheus resolves ApiErrors on billing
pass 30s
expect SlowPages@billing belongs to INC-1
