# runbook-format, deny lists: an alert never makes automation act on our own addresses
given guarded
prometheus sends BadClient on web warning source_ip=198.51.100.7 pages=1
pass 3m
expect stopped by a guardrail — source_ip: 198.51.100.7 is protected (198.51.100.0/24)
never respond note
