# A48: 9 時に止まっていたら、戻ったときに一度だけ送る。送る途中の再起動でも失われず、二度送られない
given clocks
sato opens P3: 手順書の誤字
pass 1m
when channel mail fails
when channel chat fails
when hikeshi is away for 79h
pass 1m
expect 2026-11-25 の日次レポート (P3 1 件)
expect 通知予定 (2026-11-25 日次レポート)
when hikeshi restarts
when channel mail works
when channel chat works
pass 1h
expect 送信済み
never again の日次レポート
never 2026-11-24 の日次レポート
