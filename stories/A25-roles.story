# A25: 最初に引き受けた人が指揮。交代と指名は事実として残り、通知には指揮の名が載り、更新の記入はまず連絡担当に頼まれる
given speaking
when web breaks
pass until classified INC-1
sato acknowledges INC-1
sato assigns 連絡 of INC-1 to mori
expect INC-1 連絡: mori (sato)
told mail to mori: [INC-1] あなたの役割: 連絡
sato assigns commander of INC-1 to mori
expect INC-1 指揮: sato → mori (sato)
sato assigns commander of INC-1 to mori
refused の指揮はすでに mori です
sato assigns scribe of INC-1 to dare
refused 連絡先 dare は設定にありません
sato assigns scribe of INC-9 to sato
refused 開いているインシデント INC-9 はありません
pass 61m
told 指揮: 森 (広報)
