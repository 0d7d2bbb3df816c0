# A35: where nothing can verify the recovery of a P0 that people opened, it takes a person and their reason, and both stand in the fact
given small
ann opens P0: payments are taken twice
pass 1h
ann closes INC-1: a double submit
refused it has no recovery checklist
ann closes INC-1 unverified: the bank confirmed that no payment was taken twice since 04:00
expect closed INC-1 (ann), recovery not verified: the bank confirmed
