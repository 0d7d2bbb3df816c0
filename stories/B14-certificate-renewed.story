# B14, B29: less than 30 days are left: recorded, renewed by itself, and seen; nobody is told of it
given ../examples/miraikakaku
when proxy/certificate days_left is 20 until repaired
pass 2h
expect alert A1 [info] SSL証明書期限切れ間近
expect runbook certificate-expiry on proxy
expect diagnose shown → proxy
expect respond renew → proxy (attempt 1)
expect verify valid → proxy
expect proxy repaired and verified
never INC-1
