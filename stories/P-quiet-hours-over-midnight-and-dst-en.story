# Quiet hours over midnight in the night in which the clock is put forward: 22:00 to 07:00 are eight hours, and end at 07:00
given personal-berlin
when hikeshi is away for 3027h
pass 1m
when api breaks
pass until escalated INC-1: level 2 level 2 → bert
expect bert must be told (INC-1 firing, not before 2027-03-28T05:05:00Z)
expect bert must be told (INC-1 firing, not before 2027-03-28T05:00:00Z)
pass 7h
never mail delivered
pass 2h
expect mail delivered
