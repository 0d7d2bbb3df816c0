# A45: 電話に出なくても、ほかで対応が始まっていれば、次の方法では知らせない
given ../examples/miraikakaku
when channel phone rings in vain
when prediction/journey up is false
when price/journey up is false
pass until phone 送信済み
pass 5s
sato acknowledges INC-1
pass 2m
expect phone 応答なし (no-answer)
never すぐに次の方法で通知します
