# A45: phone and chat within a minute; repeated to the next person until somebody acknowledges; then no more
given ../examples/miraikakaku
when prediction/journey up is false
when price/journey up is false
pass 12m
expect within 1m phone delivered
expect within 6m INC-1: no answer, paging suzuki
expect within 11m INC-1: no answer, paging sato
told phone to suzuki: [P0] 再通知
suzuki acknowledges INC-1
expect suzuki acknowledged INC-1
pass 25m
never again paging
sato acknowledges INC-1
refused INC-1 is already acknowledged by suzuki
