# A3, C24: data leave in bulk: P0, evidence first, then that client alone is shut out without a question, and that is seen; a person can take it back
given ../examples/miraikakaku
suzuki undoes block of security-bulk-export on proxy
refused has not changed anything on proxy yet (the alert has no label client)
when proxy/security bulk_export is true until repaired
when proxy/security client is 203.0.113.9
pass 5m
expect runbook security-bulk-export on proxy
expect diagnose volume → proxy
expect evidence evidence → proxy
expect respond block → proxy
expect verify blocked → proxy
expect proxy repaired and verified
never needs approval
suzuki undoes block of security-bulk-export on proxy
pass 1m
expect respond unblock → proxy
expect proxy taken back
never needs approval
