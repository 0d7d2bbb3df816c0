# D, A46: nobody has heard of a P1 within 15 minutes, because nothing gets through: that is a fact, too
given clocks-en
when channel chat fails
when channel mail fails
when web breaks
pass until classified INC-1: P1
pass 16m
expect deadline missed: start of response within 10m (the team, clocks.respond_within.P1)
expect deadline missed: first notice within 15m (document A, P1)
when channel mail works
pass 5m
expect mail delivered
never again deadline missed: first notice
