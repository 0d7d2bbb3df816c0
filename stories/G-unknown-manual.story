# runbook-format, outcomes: "stop and go manual" ends the run, and nothing runs by itself for a while
given guarded
when step restart hangs
when web breaks
pass until restart timeout
when step was-restarted exits-75
pass 4m
ann answers RUN-1 manual: I am on the machine
pass 15m
expect stop, people go on by hand (I am on the machine)
expect web a person goes on
never respond restart → web (attempt 2)
