# A40, A57, C10: database, then API, then front end; each stage verified before the next
given ../examples/miraikakaku
when database breaks
when api-1 dies
when api-2 dies
when api-3 dies
when frontend dies
pass 5m
expect RUN-1: waits until database is measured healthy
never respond restart
when database recovers
pass 20m
expect verified, 3 in a row
expect respond restart → api-1
expect health ok
expect verified, 3 in a row
expect respond restart → frontend
expect recovered INC-1
never INC-2
