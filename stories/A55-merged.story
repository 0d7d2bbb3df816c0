# A55: incidents whose common cause is seen later become one
given ../examples/miraikakaku
when search/journey up is false
pass 1m
expect detected INC-1: 機能停止: 銘柄検索
when proxy/traffic error_rate_percent is 30
pass 1m
expect detected INC-2: APIエラー率: nginx
when database breaks
pass 1m
expect INC-1 merged into INC-2
expect INC-2 is explained by database
expect classified INC-2: P1
sato acknowledges INC-1
refused there is no open incident INC-1
never INC-3
