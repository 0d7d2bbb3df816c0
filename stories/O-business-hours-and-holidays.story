# C29: business hours follow the calendar: Monday 2026-11-23 is a public holiday, Wednesday 25 a company holiday
given rota
expect on call by office: nobody
pass 53h
never on call by office: nobody → tanaka
pass 2h
expect on call by office: nobody → tanaka
pass 10h
expect on call by office: tanaka → nobody
pass 24h
never again on call by office
pass 14h
expect on call by office: nobody → tanaka
