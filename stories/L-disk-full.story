# L: the disk under the journal is full: what was acknowledged stays, nothing of it looks like an outage, and afterwards all goes on
given ../examples/miraikakaku
when prediction/journey up is false
when price/journey up is false
pass 2m
sato acknowledges INC-1
expect sato acknowledged INC-1
when the disk is full
suzuki notes INC-1: 失われるメモ
refused no space left
pass 10m
when the disk has room
pass 1m
never 失われるメモ
never サービスダウン
sato notes INC-1: 空きができた
expect note (sato): 空きができた
pass 30m
expect escalated INC-1: level 2
