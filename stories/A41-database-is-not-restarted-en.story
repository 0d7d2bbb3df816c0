# A41, B10: a database that refuses us is reconnected to, and never restarted; its owner is the DBA (English runbook)
given ../examples/runbooks-en
when database breaks
pass 20m
expect alert A1 [critical] Database connection failed: PostgreSQL — connection refused
expect runbook database-connection-failed on database
expect respond reconnect → database (attempt 1)
never restart → database
