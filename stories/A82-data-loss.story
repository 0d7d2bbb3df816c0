# A82: data may be lost: legal and management hear at once, before the incident is classified, and once
given speaking
when ledger/rows rows is 12
pass 1m
expect INC-1 data loss suspected (hikeshi): 伝票の欠落: 台帳: rows = 12 (rows < 20) → legal, management
told mail to legal: [緊急] データ損失の疑い: Ledger
told mail to management: [緊急] データ損失の疑い: Ledger
told 根拠: 伝票の欠落
sato suspects data loss in INC-1: 台帳が合わない
refused 報告済み
pass 2h
never again INC-1 data loss suspected (
