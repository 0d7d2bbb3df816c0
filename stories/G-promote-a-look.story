# runbook-format, principle 3: a dry run of a runbook that only looks has shown all that there is, so it can be promoted
given ../examples/miraikakaku
when step machine works
when step busiest works
when step evidence works
ann dry-runs api-latency on proxy
pass 1m
expect dry run done
ann promotes api-latency to auto
expect ann lets api-latency run by itself
