# A49: customers hear of a window only where somebody says so, and in words only of whoever answers for them
given page
maintenance of web,images for 30m by sato "swap the disks of web-01"
pass 1m
page Site is operational
when web breaks
pass 1m
page Site is unknown
when web recovers
maintenance ends
pass 5m
maintenance of web,images for 30m by sato "swap" announced "A rest for the site"
refused only whoever holds the role pr may release it: mori
maintenance of database for 30m by sato "swap" announced
refused none of its services stands under `components`
maintenance of web,images for 30m by mori "swap" announced "A rest for the site"
pass 1m
page Site is maintenance
when web breaks
pass 1m
page Site is maintenance
when api-1 breaks
when api-2 breaks
pass 1m
page Orders is major_outage
maintenance ends
pass 1m
page Site is partial_outage
