# A10: a minor function fails: P2 with its name, told by mail only
given ../examples/miraikakaku
when search/journey up is false
pass 3m
expect within 2m classified INC-1: P2 — function_dead: 1/1: 銘柄検索
told mail to sato: [P2]
never told chat
never told phone
