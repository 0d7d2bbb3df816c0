# B14, C16, B29: the renewal fails: said aloud, and with six days left it pages (English runbook)
given ../examples/runbooks-en
when proxy/certificate days_left is 20
when step renew fails
pass 2h
expect respond renew → proxy (attempt 1)
expect proxy failed — renew
told [info] needs a person: Certificate near its end
never repaired and verified
when proxy/certificate days_left is 6
pass 2h
expect certificate_expiry@proxy raised to critical
expect classified INC-1: P1 — certificate_expiry@proxy
