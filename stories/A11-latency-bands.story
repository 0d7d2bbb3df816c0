# A11, B4, C5: below 5 s nothing, from 5 s P2, up to 9.999 s still P2, from 10 s raised to P1
given ../examples/miraikakaku
when proxy/traffic p95_ms is 4999
pass 5m
never alert
never INC-1
when proxy/traffic p95_ms is 5000
pass 3m
expect within 1m alert A1 [warning] API レスポンス遅延
expect within 1m classified INC-1: P2 — api_latency@proxy
when proxy/traffic p95_ms is 9999
pass 3m
never classified INC-1: P1
when proxy/traffic p95_ms is 10000
pass 1m
expect within 10s classified INC-1: P1 — api_latency@proxy
never INC-2
