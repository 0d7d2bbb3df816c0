# Alertmanager 6: a silence that would cover everything, or that says nothing, is refused
given team
silence severity=~".*" for 1h by sato "quiet please"
refused everything
silence alertname="Down" for 1h by sato ""
refused comment missing
