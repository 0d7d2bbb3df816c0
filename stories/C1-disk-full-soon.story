# C1: full in less than a day is a warning, in less than four hours critical; a disk that does not fill is quiet
given ../examples/miraikakaku
when machine/disk full_in_hours is 8760
pass 10m
never alert
when machine/disk full_in_hours is 20
pass 7m
expect alert A1 [warning] ディスクがまもなく満杯
never INC-1
when machine/disk full_in_hours is 3.9
pass 5m
expect disk_full_soon@machine raised to critical
expect classified INC-1: P1 — disk_full_soon@machine
