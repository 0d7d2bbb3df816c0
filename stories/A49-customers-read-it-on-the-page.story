# A49, A51: where there is a page, a draft for customers is released onto it; the same people release it
given page
sato opens P0: payments stopped
sato drafts customers for INC-1
sato edits DRF-1: Payments are off for now.
sato releases draft DRF-1 at 2
refused only whoever holds the role pr may release it: mori
mori releases draft DRF-1 at 2
expect DRF-1: revision 2 released (mori)
never told Payments are off
