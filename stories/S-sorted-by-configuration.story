# The first way of sorting that fits decides service, loudness and owner
given team
prometheus sends CertificateExpires on frontend-7 critical
pass 1m
expect [warning] CertificateExpires: Web
never detected
told Owner: Web team
