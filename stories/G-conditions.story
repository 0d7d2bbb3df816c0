# runbook-format, CEL: a step runs when its condition over typed facts holds, and is passed over when it does not
given guarded
when step disk gives free_mb=300 rotates=true
prometheus sends DiskAlmostFull on web warning
pass 5m
expect respond rotate → web
expect grow skipped
expect web repaired and verified
never grow ok
