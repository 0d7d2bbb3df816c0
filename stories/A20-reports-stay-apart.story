# A20: what people report by hand stays apart, whatever it is about: nobody but a person knows
given ../examples/miraikakaku
sato opens P3: 画面の文字がおかしい
sato opens P0: 全部見えない
sato opens P3: ログインできない
pass 1m
expect detected INC-1
expect detected INC-2
expect detected INC-3
never merged
sato acknowledges INC-2
expect sato acknowledged INC-2
