# A50: an update that a person writes: asked for in time, flagged when it is not there, kept by what is released
given speaking
sato opens P0: 決済が止まった
pass 1m
expect INC-1: investors informed, next at
told mail to investors: [P0] Shopサービス緊急事態
pass 20m
expect DRF-1: draft for stakeholders on INC-1 (hikeshi)
expect INC-1: the update to investors
told chat to room: [DRF-1] 定期更新の記入をお願いします: 株主
pass 10m
expect is overdue (nobody wrote it)
told chat to room: [INC-1] 約束した更新が出ていません: 株主
sato releases draft DRF-1 at 1
refused [状況説明], [対応内容]
sato fills 状況説明 of DRF-1: 決済を停止中 [詳細は別途] {began}
sato fills 対応内容 of DRF-1: 前の版に戻す作業中
sato releases draft DRF-1 at 1
refused 第 3 版に変わっています
sato releases draft DRF-1 at 3
expect DRF-1: revision 3 released (sato)
expect INC-1: investors informed (DRF-1), next at
told mail to investors: [P0] Shopサービスの状況
told 現在の状況: 決済を停止中 (詳細は別途) {began}
pass 5m
never again overdue
