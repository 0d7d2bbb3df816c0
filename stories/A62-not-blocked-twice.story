# A62, C25: blocked already and still there: not blocked twice, a person is needed; and a person takes the block back
given ../examples/miraikakaku
when step known gives blocked=true
alertmanager sends SuspiciousClient on firewall critical source_ip=203.0.113.7
pass 2m
expect block skipped
expect needs a person
never needs approval
sato undoes block of suspicious-client on firewall
pass 1m
expect respond unblock → firewall
expect firewall taken back
