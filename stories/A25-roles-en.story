# A25: updates that a person writes are asked of whoever answers for communications, and of nobody else
given speaking-en
when web breaks
pass until classified INC-1: P1
sato sets INC-1 to P0: investors must hear
sato acknowledges INC-1
sato assigns communications of INC-1 to mori
expect INC-1 communications: mori (sato)
pass 25m
expect must be written
told chat to room: [DRF-1] an update is due soon
told mail to mori: [DRF-1] an update is due soon
never told mail to sato: [DRF-1]
pass 40m
told Commander: Sato
