# A50, C32: stakeholders hear of a P0 every 30 minutes, with the time of the next update; pagers stay quiet
given ../examples/miraikakaku
when prediction/journey up is false
when price/journey up is false
pass 2m
sato acknowledges INC-1
pass 65m
expect INC-1 update sent
expect INC-1 update sent
told mail to stakeholders: [P0] 経過報告 Miraikakakuサービス緊急事態
told 次回更新: 2026-11-22 04:01 JST
told 対応状況: sato が対応中
never told phone to sato: [P0] 経過報告
never told phone to suzuki: [P0] 経過報告
