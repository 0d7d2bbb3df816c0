# A53, A69: 再発防止策は事実で、復旧通知に載る。クローズ後にも書け、期限を過ぎれば日次レポートに載る
given clocks
sato opens P1: 在庫が表示されない
sato plans for INC-1: 在庫バッチの監視を追加
expect M-1: INC-1 の再発防止策 (sato): 在庫バッチの監視を追加
sato closes INC-1: バッチの停止
told 再発防止策: 在庫バッチの監視を追加
sato plans for INC-1 by suzuki until 2026-11-22: 手順書を更新
sato plans for INC-9: 何か
refused インシデント INC-9 はありません
pass 20h
pass until 2026-11-23 の日次レポート
told M-2 手順書を更新 (INC-1, suzuki, 2026-11-22)
suzuki finishes M-2
expect M-2: 実施済み (suzuki)
suzuki finishes M-2
refused 未実施の再発防止策 M-2 はありません
