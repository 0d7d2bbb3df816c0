# A49: customers see what does not work; one instance of several is none of their business
given page
page Orders is operational
page Site is operational
page Payments is unknown
doctor names unwatched status_page payments
doctor does not name status_page orders
when api-1 breaks
pass 2m
page Orders is operational
when api-2 breaks
pass 1m
page Orders is major_outage
when web breaks
pass 1m
page Site is partial_outage
when images breaks
pass 1m
page Site is major_outage
when api-1 recovers
when api-2 recovers
when web recovers
when images recovers
pass 5m
page Orders is operational
page Site is operational
alertmanager sends CardsDeclined on billing critical
pass 2m
page Payments is degraded
alertmanager resolves CardsDeclined on billing critical
pass 10m
page Payments is unknown
