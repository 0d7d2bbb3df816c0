# runbook-format, outcomes: nobody says what became of the step, not even after a restart of hikeshi: nothing is repeated
given guarded
when step restart hangs
when web breaks
pass until restart timeout
when step was-restarted exits-75
pass 4m
when hikeshi restarts
pass 31m
expect a person must say what became of restart
expect web needs a person — nobody said what became of restart
