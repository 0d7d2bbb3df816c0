# A50: under a silence nobody is told, so the promised update is flagged; when the silence ends, it comes
given speaking
when web breaks
pass 1m
expect INC-1: board informed
silence service="web" for 50m by sato "作業中"
pass 45m
expect is overdue (it is silenced)
never again board informed
silence ends
pass 1m
expect INC-1: board informed, next at
