# D: a clock that runs out under a silence is written down, and nobody is told
given clocks-en
when web breaks
pass until classified INC-1: P1
silence service="web" for 40m by sato "works"
pass 30m
expect INC-1 deadline missed: start of response within 10m (the team, clocks.respond_within.P1, while silenced)
never told deadline missed: start of response
silence ends
pass 3m
never again deadline missed
