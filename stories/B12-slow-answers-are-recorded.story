# B12, A31: slow answers: nothing is restarted, what is slow is kept as evidence, developers are told
given ../examples/miraikakaku
when proxy/traffic p95_ms is 5100
pass 3m
expect alert A1 [warning] API レスポンス遅延
expect runbook api-latency on proxy
expect diagnose busiest → proxy
expect evidence evidence → proxy
expect looked
never RUN-1: respond
