# A78, A80: a channel whose last message failed is named by day, until one gets through
given reachable
doctor does not name channel_failing
when channel phone refuses
ann tries phone to bob
pass 1m
doctor names channel_failing phone: the last 1 messages on phone have failed: HTTP 401
when channel phone works
ann tries phone to bob
pass 1m
doctor does not name channel_failing
