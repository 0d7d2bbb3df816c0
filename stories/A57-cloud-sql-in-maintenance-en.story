# A41, A57: an instance in maintenance is not restarted, and nobody is asked to (English runbook)
given ../examples/runbooks-en
when step instance gives state=MAINTENANCE
alertmanager sends CloudSqlUnresponsive on database critical
pass 3m
expect runbook cloud-sql-unresponsive on database
expect restart skipped
expect needs a person
never needs approval
never restart ok
