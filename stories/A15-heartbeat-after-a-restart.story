# A15: a sign that may have come while hikeshi was away is nobody's fault; but restarts do not hide a job that is dead
given jobs
ping nightly-backup
pass 20h
when hikeshi restarts
pass 10h
when hikeshi restarts
pass 14h59m
never nightly-backup was missed
pass 2m
expect heartbeat nightly-backup was missed
when hikeshi restarts
pass 48h
never again nightly-backup was missed
never again heartbeat_missed{nightly-backup}@archive resolved
