# D, C29, B14: 日曜 3 時の P3 は、1 営業日以内の対応開始が月曜の祝日を越えて火曜 18 時まで
given clocks
sato opens P3: 手順書の誤字
pass 62h
never 期限超過: 対応開始
pass 2h
expect INC-1 期限超過: 対応開始 1営業日以内 (チームの設定 clocks.respond_within.P3)
