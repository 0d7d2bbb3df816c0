# B20, A23: an alert says its condition with the value that met it
given ../examples/miraikakaku
when proxy/traffic error_rate_percent is 62.5
pass 1m
told 現在の状況: APIエラー率: nginx。発生中のアラート 1 件 (error_rate@proxy: error_rate_percent = 62.5 % (error_rate_percent ≥ 50))
