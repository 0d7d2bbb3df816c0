# A48: a digest that would reach nobody goes to those who read warnings
given unread
sato opens P3: typo
pass until daily digest of 2026-11-22 (1 P3)
told chat to room: [daily] Unread digest 2026-11-22
