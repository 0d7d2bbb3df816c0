# A3: data leave in bulk: P0, who takes how much, evidence; people decide whom to block (English runbook)
given ../examples/runbooks-en
when proxy/security bulk_export is true
pass 3m
expect runbook security-bulk-export on proxy
expect diagnose volume → proxy
expect evidence evidence → proxy
expect looked
never RUN-1: respond
