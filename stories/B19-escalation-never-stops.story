# B19, C17: nobody answers: pages go round all who were told, for ever
given ../examples/miraikakaku
when prediction/journey up is false
when price/journey up is false
pass 62m
expect escalated INC-1: level 3 経営陣
pass 40m
expect no answer, paging
expect no answer, paging
expect no answer, paging management
expect no answer, paging sato
