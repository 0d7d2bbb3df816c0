# A15, B8: a backup that gives no sign of life in time is missed: its owner hears of it once, and of its success
given jobs
ping nightly-backup
expect heartbeat nightly-backup: success
when hikeshi restarts
pass 24h59m
never heartbeat nightly-backup was missed
pass 2m
expect heartbeat nightly-backup was missed
expect alert A
told chat to room: [warning] firing: heartbeat missed: nightly-backup (Archive)
pass 3h
never again nightly-backup was missed
never again heartbeat_missed{nightly-backup}@archive resolved
ping nightly-backup
expect heartbeat_missed{nightly-backup}@archive resolved
pass 1m
told chat to room: [warning] resolved: heartbeat missed: nightly-backup (Archive)
