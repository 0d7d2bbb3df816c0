# B35, A50: where a pager is all there is, recovery is told on it; regular updates are not
given small
when web breaks
pass 25m
expect INC-1 update sent
never told update: Small
when web recovers
pass 5m
expect recovered INC-1
told pager to ann: [Recovered] Small: back to normal
