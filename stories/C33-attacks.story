# A61, C33: somebody changed something without having signed in: P0; many failed sign-ins: P1; odd clients: a warning
given ../examples/miraikakaku
when proxy/security open_write is false
when proxy/security bulk_export is false
when proxy/security brute_force is false
when proxy/security low_and_slow is false
when proxy/security path_scan is false
when proxy/security error_client is false
pass 5m
never alert
when proxy/security error_client is true
expect within 30s alert A1 [warning] エラーばかりのクライアント
when proxy/security brute_force is true
expect within 30s alert A2 [critical] サインインの総当たり
expect within 1m classified INC-1: P1 — security_brute_force@proxy
when proxy/security open_write is true
expect within 30s alert A3 [critical] 未認証の書き込みが成功
expect within 1m P1 → P0
