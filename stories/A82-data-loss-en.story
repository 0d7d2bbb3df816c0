# A82: data may be lost: legal and management hear at once, before the incident is classified, and once
given speaking-en
when ledger/rows rows is 12
pass 1m
expect INC-1 data loss suspected (hikeshi): Missing rows: Ledger: rows = 12 (rows < 20) → legal, management
told mail to legal: [urgent] data loss suspected: Ledger
told mail to management: [urgent] data loss suspected: Ledger
told Reason: Missing rows
sato suspects data loss in INC-1: does not add up
refused suspected in INC-1 already
pass 2h
never again INC-1 data loss suspected (
