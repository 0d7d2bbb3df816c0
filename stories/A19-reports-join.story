# A19: three reports of one thing are one incident, which somebody looks at; what they say is kept as they said it
given ../examples/miraikakaku
report "チャートが出ない" from support
expect detected INC-1: 報告: チャートが出ない
expect INC-1 reported by support (story): チャートが出ない
expect classified INC-1: P3 — report: チャートが出ない
told [P3] 報告: チャートが出ない
pass 10m
report "[SLOT] <b>遅い</b>" from somebody else
expect INC-1 reported by somebody else
pass 10m
report "真っ白です" from x
expect INC-1 reported by x
never INC-2
never paging
never told phone
sato closes INC-1: ブラウザの不具合
expect recovered INC-1
told [復旧完了]
report "また出ない" from support
expect detected INC-2
