# 静かな時間: 3 時の P1 は鈴木 (22:00-07:00、あとで) には 7:00 に届き、その間に次の段が呼ばれる
given personal
when api breaks
pass until レベル 2 レベル2 → suzuki
expect suzuki に通知予定 (INC-1 エスカレーション、2026-11-21T22:00:00Z 以降)
pass until レベル 3 責任者 → tanaka
told pager to tanaka: [P1]
never again paging suzuki
pass until N6: pager
