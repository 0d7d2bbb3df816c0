# D, C3: what becomes more urgent gets new limits from then on, and keeps what was promised before
given clocks-en
sato opens P3: slow search
pass 2h
suzuki sets INC-1 to P1: customers call
pass 9m
never deadline missed: start of response
pass 2m
expect INC-1 deadline missed: start of response within 10m (the team, clocks.respond_within.P1)
