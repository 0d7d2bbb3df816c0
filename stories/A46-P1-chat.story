# A46, C18: a P1 is told in chat and by mail within 15 minutes, and rings no phone
given ../examples/miraikakaku
when proxy/traffic error_rate_percent is 60
pass 25m
expect classified INC-1: P1
expect within 15m chat delivered
never told phone
