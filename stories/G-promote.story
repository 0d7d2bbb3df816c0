# runbook-format, principle 3: nothing runs by itself that nobody owns, reviewed, and saw in a dry run as it is now
given small
ann promotes service-down to auto
refused it had no dry run as it is now
ann dry-runs service-down on web
pass 1m
expect dry run done
ann promotes service-down to auto
expect ann lets service-down run by itself
ann promotes service-up to auto
refused there is no runbook service-up
