# A4, A63: a write by somebody who had not signed in is P0; evidence is kept before anything, people decide whom to block
given ../examples/miraikakaku
when proxy/security open_write is true
pass 3m
expect runbook security-open-write on proxy
expect diagnose writes → proxy
expect evidence evidence → proxy
expect looked
never RUN-1: respond
