# B14, C16, B29: the renewal fails: said aloud, and with six days left it pages
given ../examples/miraikakaku
when proxy/certificate days_left is 20
when step renew fails
pass 2h
expect respond renew → proxy (attempt 1)
expect proxy failed — renew
told [info] 手動対応が必要: SSL証明書期限切れ間近
never repaired and verified
when proxy/certificate days_left is 6
pass 2h
expect certificate_expiry@proxy raised to critical
expect classified INC-1: P1 — certificate_expiry@proxy
