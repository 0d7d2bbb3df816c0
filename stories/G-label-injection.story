# runbook-format: what is not of the declared type never reaches a step: nothing runs, people are told why
given guarded
prometheus sends BadClient on web warning source_ip=203.0.113.9;reboot pages=12
pass 3m
expect stopped by a guardrail — `203.0.113.9;reboot` is not of type ip
expect web is not touched automatically until
never respond note
told pager to ann: [P2]
