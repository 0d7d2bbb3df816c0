# B13, C35: a failed pipeline is run again once, and seen green (English runbook)
given ../examples/runbooks-en
when ci/main failed is true until repaired
pass 10m
expect alert A1 [warning] CI failed
expect runbook ci-failed on ci
expect diagnose last → ci
expect respond rerun → ci (attempt 1)
expect verify green → ci
expect ci repaired and verified
never INC-1
never respond rerun → ci (attempt 2)
