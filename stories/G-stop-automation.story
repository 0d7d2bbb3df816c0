# the global stop switch works at once: what waits is held, nothing new begins; people may still act; resuming goes on
given guarded
ann stops automation: migration
when web dies
pass 5m
expect ann stopped automation until it is resumed (migration)
expect escalated INC-1: level 1
never runbook web-down on web
ann resumes automation
pass 3m
expect ann resumed automation
expect respond restart → web
expect web repaired and verified
ann resumes automation
refused automation is not stopped
