# A62: an address that is none reaches no step
given ../examples/miraikakaku
alertmanager sends SuspiciousClient on firewall critical source_ip=203.0.113.9;reboot
pass 3m
expect `203.0.113.9;reboot` is not of type ip
never needs approval
never respond block
