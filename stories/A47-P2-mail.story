# A47: a P2 is told by mail within an hour
given ../examples/miraikakaku
when proxy/traffic error_rate_percent is 20
pass 1h
expect classified INC-1: P2
expect within 1h mail delivered
never told chat to room: [P2]
never told phone
