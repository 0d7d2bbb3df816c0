# A48: 自然に解消した警告は、日次レポートに件数で載る
given clocks
prometheus sends SlowPages on web warning
pass 2m
prometheus resolves SlowPages on web warning
pass until 2026-11-22 の日次レポート (P3 0 件)
told 自然に解消したアラート: 1
told SlowPages × 1
