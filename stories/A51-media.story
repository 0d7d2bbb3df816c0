# A51: what the press reads is a draft; public relations hear of it, and nobody else releases it
given speaking
sato opens P0: 決済が止まった
sato drafts media for INC-1
pass 1m
expect DRF-1: draft for the media on INC-1 (sato, released by pr only)
told mail to mori: [DRF-1] 下書きの確認をお願いします
mori releases draft DRF-1 at 1
refused DRF-1 には空欄があります: [影響], [確認できた原因], [対応内容], [問い合わせ先]
sato fills 影響 of DRF-1: 決済ができません
sato fills 確認できた原因 of DRF-1: 確認中です
sato fills 対応内容 of DRF-1: 復旧作業中です
sato fills 問い合わせ先 of DRF-1: 広報部
sato releases draft DRF-1 at 5
refused 公開できるのは役割 pr の mori だけです
pass 5h
never told mail to press
mori releases draft DRF-1 at 5
expect DRF-1: revision 5 released (mori)
told mail to press: Shopの障害について
told 原因: 確認中です
mori releases draft DRF-1 at 5
refused 待っている下書き DRF-1 はありません
sato drafts customers for INC-1
mori edits DRF-3: 決済を停止しています。復旧まで今しばらくお待ちください。
mori releases draft DRF-3 at 2
refused customers への送信先がありません
sato discards DRF-3: お知らせ不要
expect DRF-3: discarded (sato)
