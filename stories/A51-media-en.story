# A51: what the press reads is a draft; public relations hear of it, and nobody else releases it
given speaking-en
sato opens P0: payments stopped
sato drafts media for INC-1
pass 1m
expect DRF-1: draft for the media on INC-1 (sato, released by pr only)
told mail to mori: [DRF-1] a draft waits for you
mori releases draft DRF-1 at 1
refused DRF-1 has blanks: [impact], [cause as far as confirmed], [response], [contact]
sato fills impact of DRF-1: no payments
sato fills cause as far as confirmed of DRF-1: not known yet
sato fills response of DRF-1: we are on it
sato fills contact of DRF-1: press office
sato releases draft DRF-1 at 5
refused only whoever holds the role pr may release it: mori
pass 5h
never told mail to press
mori releases draft DRF-1 at 5
expect DRF-1: revision 5 released (mori)
told mail to press: On the disruption of Shop
told Cause: not known yet
mori releases draft DRF-1 at 5
refused there is no waiting draft DRF-1
sato drafts customers for INC-1
mori edits DRF-3: Payments are off for now.
mori releases draft DRF-3 at 2
refused there is nowhere to send it
sato discards DRF-3: not needed
expect DRF-3: discarded (sato)
