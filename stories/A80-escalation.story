# A80, A81, C19: not resolved after 30 minutes: level 2; after an hour: management; each once
given ../examples/miraikakaku
when prediction/journey up is false
when price/journey up is false
pass 1m
sato acknowledges INC-1
pass 28m
expect escalated INC-1: level 1
never level 2
pass 2m
expect within 30m escalated INC-1: level 2 レベル2 → lead, dba (not resolved in time)
told phone to lead: [P0] エスカレーション
never told phone to management
pass 30m
expect within 1h escalated INC-1: level 3 経営陣 → management
told phone to management: [P0] エスカレーション
pass 90m
never again escalated INC-1
