# A78, A79, A81: whoever has no address is a missing contact, and so is a role that something waits for
given reachable
doctor names contact_missing dora: dora (management) has no address on any channel of P0
doctor does not name contact_missing ann
doctor names role_unheld pr: nobody holds the role pr, who releases what is written for media
