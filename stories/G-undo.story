# runbook-format, undo: a step with a way back can be taken back by a person, under the same guardrails
given guarded
ann undoes restart of web-down on web
pass 1m
expect runbook web-down on web (ann)
expect respond back → web
expect web taken back
ann undoes health of web-down on web
refused web-down has no undo for health
