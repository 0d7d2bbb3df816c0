# Two shifts are exchanged: each person has the other's shift, and the day after everything is as planned
given rota
sato swaps sre 2026-11-23T05:00+09:00 with 2026-11-24T05:00+09:00: dentist
expect OVR-1: suzuki on call by sre from 2026-11-22T18:30:00Z until 2026-11-23T18:30:00Z
expect OVR-2: sato on call by sre from 2026-11-23T18:30:00Z until 2026-11-24T18:30:00Z
pass until on call by sre: sato → suzuki
expect on call by sre: sato → suzuki
pass 47h
never again on call by sre: suzuki
pass 2h
expect on call by sre: suzuki → sato
sato swaps sre 2026-11-22T05:00+09:00 with 2026-11-27T05:00+09:00: dentist
refused or that shift is over
