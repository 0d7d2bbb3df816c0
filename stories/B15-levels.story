# B15: a warning goes to its owner by chat, in and out; no incident, no phone
given ../examples/miraikakaku
when proxy/traffic error_rate_percent is 6
pass 2m
expect alert A1 [warning] APIエラー率: nginx
when proxy/traffic error_rate_percent is 0
pass 1m
expect error_rate@proxy resolved
told chat to room: [warning] 発生: APIエラー率: nginx
told chat to room: [warning] 解消: APIエラー率: nginx
told 担当: 開発
never INC-1
