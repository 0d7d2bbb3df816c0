# A9: half of all requests fail: P1, told in chat at once
given ../examples/miraikakaku
when proxy/traffic error_rate_percent is 50
pass 1m
expect within 30s alert A1 [critical] APIエラー率: nginx
expect within 30s detected INC-1
expect within 30s classified INC-1: P1 — error_rate@proxy
told chat to room: [P1]
never phone
