# B16, C9: diagnosis comes before repair, and a failing diagnosis does not stop it
given ../examples/miraikakaku
when step status fails
when mks-backend dies
pass 5m
expect diagnose status → mks-backend (attempt 1)
expect status failed
expect respond restart → mks-backend
expect mks-backend repaired and verified
