# Quiet hours without more: Carl is told on channels that wake nobody up; the route has none for him, so it waits for the morning
given personal-berlin
when api breaks
pass until level 3 level 3 → carl
expect carl must be told (INC-1 escalated, not before 2026-11-22T06:00:00Z)
