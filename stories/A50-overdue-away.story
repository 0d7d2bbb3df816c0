# A50: hikeshi was away when an update was due: it comes late, and the broken promise is flagged, once for each of the two
given speaking
when web breaks
pass 1m
expect classified INC-1: P1
expect INC-1: board informed
when hikeshi is away for 70m
expect is overdue (hikeshi was away)
expect INC-1 update sent
expect is overdue (hikeshi was away)
expect INC-1: board informed, next at
pass 10m
never again overdue
