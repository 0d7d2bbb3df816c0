# A3: data leave in bulk: P0, evidence first, and two people are asked to shut out that client alone; it can be taken back
given ../examples/runbooks-en
when proxy/security bulk_export is true
when proxy/security client is 203.0.113.9
pass 3m
expect runbook security-bulk-export on proxy
expect diagnose volume → proxy
expect evidence evidence → proxy
expect needs approval for block → proxy (step block is destructive; of 2)
told HK_CLIENT=203.0.113.9
never RUN-1: respond block
