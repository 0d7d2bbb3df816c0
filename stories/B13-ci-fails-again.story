# B13, C35: red again: never run a second time by itself; its owner is told
given ../examples/miraikakaku
when ci/main failed is true
when step green fails
pass 2h
expect respond rerun → ci (attempt 1)
expect ci stopped by a guardrail — 1 attempts on ci within 1h
never RUN-2: respond
never repaired and verified
never RUN-3
