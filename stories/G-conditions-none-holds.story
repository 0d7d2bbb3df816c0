# runbook-format, CEL: when no response applies, a person is needed; nothing was done and nothing is claimed
given guarded
when step disk gives free_mb=90000 rotates=true
prometheus sends DiskAlmostFull on web warning
pass 5m
expect rotate skipped
expect grow skipped
expect web needs a person — the condition of no response holds
never repaired
