# A49: what is not measured is unknown, never good: after silence, and right after a start
given page
when api-1/health falls silent
when api-2/health falls silent
pass 10m
page Orders is unknown
page Site is operational
when hikeshi restarts
page Site is unknown
pass 30s
page Site is operational
page Orders is unknown
when hikeshi is away for 2h
page Site is unknown
pass 30s
page Site is operational
