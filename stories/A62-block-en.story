# A62, A63, C25: evidence first, then after a yes the address is blocked for an hour, and that is seen (English runbook)
given ../examples/runbooks-en
when step known gives blocked=false
alertmanager sends SuspiciousClient on firewall critical source_ip=203.0.113.7
pass 2m
expect runbook suspicious-client on firewall
expect evidence evidence → firewall
expect needs approval for block → firewall (step block is destructive; of 1)
told Values: HK_CLIENT=203.0.113.7
never respond block
suzuki approves APP-1
when step known gives blocked=true
pass 1m
alertmanager resolves SuspiciousClient on firewall critical source_ip=203.0.113.7
pass 8m
expect respond block → firewall
expect verify blocked → firewall
expect firewall repaired and verified
