# A48: where there is nothing to tell, nobody is told so every morning
given clocks-en
pass 30h
expect daily digest of 2026-11-22: nothing to tell
never told digest
