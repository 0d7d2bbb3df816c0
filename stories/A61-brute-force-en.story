# A61, A65: many failed sign-ins: who fails where, evidence; people decide whom to block (English runbook)
given ../examples/runbooks-en
when proxy/security brute_force is true
pass 3m
expect runbook security-brute-force on proxy
expect diagnose attempts → proxy
expect evidence evidence → proxy
expect looked
never RUN-1: respond
