# A49: an outage of all APIs is on the page within a minute, and so is its end
given ../examples/miraikakaku
page API is operational
page Prices is operational
when api-1 breaks
when api-2 breaks
when api-3 breaks
pass 1m
page API is major_outage
when api-1 recovers
when api-2 recovers
when api-3 recovers
pass 5m
page API is operational
