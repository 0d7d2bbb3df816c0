# A41, A56, A57: an instance that runs and answers nobody is restarted after a yes, evidence first
given ../examples/miraikakaku
when step instance gives state=RUNNABLE
alertmanager sends CloudSqlUnresponsive on database critical
pass 3m
expect runbook cloud-sql-unresponsive on database
expect evidence evidence → database
expect needs approval for restart → database (step restart is destructive; of
never respond restart
