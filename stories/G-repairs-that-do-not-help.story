# B19: however long each repair is watched, three that do not help are enough; a person may let it try again
given patient
when web breaks
pass 3h
expect RUN-1: respond restart → web
expect RUN-2: respond restart → web
expect RUN-3: respond restart → web
expect web stopped by a guardrail — 3 runs on web have not helped
never RUN-5
ann releases web
pass 1m
expect RUN-5: respond restart → web
