# runbook-format, typed parameters: a label becomes a typed value of the run
given guarded
prometheus sends BadClient on web warning source_ip=203.0.113.9 pages=12
pass 5m
expect runbook bad-client on web
expect respond note → web
