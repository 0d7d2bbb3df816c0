# A45: a phone service that takes every call and rings nowhere is no answer: the next person is paged, and chat as well
given ../examples/miraikakaku
when prediction/journey up is false
when price/journey up is false
pass 12m
expect phone delivered
never answered by
expect within 6m INC-1: no answer, paging suzuki
expect within 11m INC-1: no answer, paging sato
told chat to room: [P0]
