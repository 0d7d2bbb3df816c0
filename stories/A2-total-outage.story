# A2, A45: every process of a system is down: P0 within a minute, phone, chat and mail at once
given ../examples/miraikakaku
when api-1 breaks
when api-2 breaks
when api-3 breaks
when frontend breaks
pass 5m
expect within 1m detected INC-1
expect within 1m classified INC-1: P0 — total_outage: 4 of 4 services are down
expect within 5m responding INC-1
told phone to sato: [P0]
told chat to room: [P0]
told mail to stakeholders: [P0]
never INC-2
