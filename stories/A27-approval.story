# A27, B17: a runbook that is not in mode auto restarts nothing by itself: it says why, and the next level hears of it
given small
when web dies
pass 2m
expect diagnose status → web
expect web stopped by a guardrail — step restart needs an approval: the runbook is not in mode auto
expect escalated INC-1: level 2 level 2 → bob, ann (automatic repair gave up)
never respond restart
ann runs service-down on web
pass 5m
expect respond restart → web
expect web repaired and verified
