# GoAlert 3: several people are on call: each is told once, no one twice
given ../examples/miraikakaku
when prediction/journey up is false
when price/journey up is false
pass 2m
expect N1: sato must be told
expect N2: suzuki must be told
expect N3: chat must be told
expect N4: sato must be told
expect N5: suzuki must be told
expect N6: stakeholders must be told
never N7
