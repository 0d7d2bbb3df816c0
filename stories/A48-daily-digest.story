# A48, C30: P3 は毎朝 9 時の日次レポートに、すでに閉じたものも含めて載る。届けばそれが第一報になる
given clocks
sato opens P3: 手順書の誤字
suzuki opens P3: 閾値の見直し
pass 1h
suzuki closes INC-2: 変更済み
pass until 2026-11-22 の日次レポート (P3 2 件)
told mail to sato: [日次] 店 運用日報 2026-11-22
told P3 INC-1 手順書の誤字
told P3 INC-2 閾値の見直し
told クローズ
pass 30h
never 期限超過: 第一報
expect 2026-11-22 の日次レポート
expect 2026-11-23 の日次レポート (P3 0 件)
