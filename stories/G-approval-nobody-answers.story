# A27, B17: nobody approves within ten minutes: nothing is touched, and the next level hears of it
given guarded
when db dies
pass 12m
expect needs approval for wipe → db
expect expired (nobody approved wipe within 10m)
expect db stopped by a guardrail
expect db is not touched automatically until
expect escalated INC-1: level 2 level 2 → bob, ann (automatic repair gave up)
never respond wipe
bob approves APP-1
refused APP-1 is not waiting for an approval
