# A78, C28: an address counts once its person has confirmed it, over any restart; accepted by a service is no proof
given reachable
doctor names contact_unverified ann: it is not known whether ann is reached: mail (never confirmed), phone (never confirmed)
doctor names contact_unverified bob
bob tries phone to ann
pass 1m
expect phone delivered
doctor names phone (never confirmed)
ann confirms the test on phone
expect phone answered by ann
doctor names contact_unverified ann: it is not known whether ann is reached: mail (never confirmed)
bob verifies ann on mail
expect ann is reached on mail, says bob
doctor does not name contact_unverified ann
when hikeshi restarts
doctor does not name contact_unverified ann
doctor names contact_unverified bob
doctor does not name press
bob verifies dora on phone
refused there is no contact `dora` with an address on `phone`
