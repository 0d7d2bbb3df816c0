# A52, A54, A28: the notice of a P0 has its six fields, all filled, with the zone
given ../examples/miraikakaku
when api-1 breaks
when api-2 breaks
when api-3 breaks
when prediction breaks
when price breaks
pass 2m
expect classified INC-1: P0
told mail to stakeholders: [P0] Miraikakakuサービス緊急事態
told 発生時刻: 2026-11-22 03:01 JST
told 影響範囲: API-1, API-2, API-3
told 現在の状況: サービスダウン
told 推定復旧時間: 不明
told 対応状況: 
told 次回更新: 2026-11-22 03:31 JST
never told 発生時刻: [
never told 影響範囲: [
never told 推定復旧時間: [
