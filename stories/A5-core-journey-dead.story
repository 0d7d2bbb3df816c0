# A5, C31: all processes are up, but users can do nothing: P0
given ../examples/miraikakaku
when prediction/journey up is false
when price/journey up is false
pass 2m
expect within 1m classified INC-1: P0 — core_journey_dead: 2/2
never alert A1 [critical] サービスダウン
told phone to sato: [P0]
