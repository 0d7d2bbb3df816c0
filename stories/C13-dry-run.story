# C13: a dry run looks and changes nothing
given ../examples/miraikakaku
when step status works
sato dry-runs service-down on mks-backend
pass 1m
expect runbook service-down on mks-backend (sato)
expect status ok
expect restart skipped
expect dry run done
never alert
