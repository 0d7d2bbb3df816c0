# D, C3: 対応開始と復旧の期限は、最も厳しい定めで一度だけ超過となり、知っている人に一度だけ知らされる
given clocks
when web breaks
pass until classified INC-1: P1
pass 9m
never 期限超過
pass 2m
expect INC-1 期限超過: 対応開始 10分以内 (チームの設定 clocks.respond_within.P1)
told chat to room: [INC-1] 期限超過: 対応開始
told mail to sato: [INC-1] 期限超過: 対応開始
never again 期限超過
sato acknowledges INC-1
pass 3h
expect INC-1 期限超過: 復旧 3時間以内 (チームの設定 clocks.recover_within.P1)
never again 期限超過
