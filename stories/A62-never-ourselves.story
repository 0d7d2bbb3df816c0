# A62, C25: an alert that names our own load balancer blocks nobody
given ../examples/miraikakaku
alertmanager sends SuspiciousClient on firewall critical source_ip=192.0.2.10
pass 3m
expect 192.0.2.10 is protected
never needs approval
never respond block
