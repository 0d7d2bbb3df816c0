# A61, C33: odd clients are a warning, many failed sign-ins P1, a write by somebody who had not signed in P0
given ../examples/miraikakaku
pass 5m
never alert
when proxy/security error_client is true
pass 1m
expect alert A1 [warning] エラーばかりのクライアント
never INC-1
when proxy/security brute_force is true
pass 1m
expect alert A2 [critical] サインインの総当たり
expect classified INC-1: P1 — security_brute_force@proxy
when proxy/security open_write is true
pass 1m
expect alert A3 [critical] 未認証の書き込みが成功
expect P0 — security_open_write@proxy
