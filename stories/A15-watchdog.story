# A15, B32: Prometheus' Watchdog is a sign of life and no alert; that it falls silent is the alarm
given watchdog
prometheus sends Watchdog on monitoring none
pass 3h
expect heartbeat prometheus: success
never alert
never signals
prometheus says nothing for 8m
pass 8m
expect heartbeat prometheus was missed
expect alert A1 [critical] heartbeat missed: prometheus (Monitoring)
pass 5m
expect heartbeat_missed{prometheus}@monitoring resolved
prometheus resolves Watchdog on monitoring none
pass 5m
never again alert A2
pass 3m
expect heartbeat prometheus was missed
