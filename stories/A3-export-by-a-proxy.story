# A3, runbook-format: what is measured is not what it must be, or nobody may touch it: nothing runs, and people are told
given ../examples/miraikakaku
when proxy/security bulk_export is true
when proxy/security client is 127.0.0.1
pass 3m
expect runbook security-bulk-export on proxy
expect proxy stopped by a guardrail — client: 127.0.0.1 is no address of a client
never RUN-1: respond
