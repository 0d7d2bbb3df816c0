# group_by makes alerts of their own; group_wait gathers before they fire
given team
prometheus sends DiskSlow on machine warning zone=a
prometheus sends DiskSlow on machine warning zone=b
pass 29s
never [warning]
pass 31s
expect [warning] DiskSlow{zone=a}: Machine
expect [warning] DiskSlow{zone=b}: Machine
told DiskSlow{zone=a}
