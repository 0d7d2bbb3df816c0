# A7, C5: ten seconds exactly is P1
given ../examples/miraikakaku
when proxy/traffic p95_ms is 10000
pass 3m
expect within 1m alert A1 [critical] API レスポンス遅延: nginx — p95_ms = 10000 ms
expect within 1m classified INC-1: P1 — api_latency@proxy: p95_ms = 10000 ms (p95_ms ≥ 10000)
