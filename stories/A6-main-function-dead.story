# A6: one main function is dead, the other works: P1 with its name
given ../examples/miraikakaku
when prediction/journey up is false
pass 3m
expect within 2m classified INC-1: P1 — main_function_dead: 1/2: 株価予測
told 影響範囲: 機能: 株価予測
never told phone
