# runbook-format: a value that the alert does not give is not made up
given guarded
prometheus sends BadClient on web warning source_ip=203.0.113.9
pass 3m
expect stopped by a guardrail — the alert has no label pages
never respond note
