# B27, C20: a crash loop: three restarts in 300 s, 30 s apart; then escalated and latched, success never claimed
given ../examples/miraikakaku
when mks-backend breaks
pass 20m
expect respond restart → mks-backend (attempt 1)
expect did not help
expect respond restart → mks-backend (attempt 1)
expect did not help
expect respond restart → mks-backend (attempt 1)
expect did not help
expect stopped by a guardrail — 3 attempts on mks-backend within 5m
expect mks-backend is not touched automatically until
expect escalated INC-1: level 2
never again respond restart
never repaired
never recovered
