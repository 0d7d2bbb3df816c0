# A15, A16: a sign of life of a job that nobody expects is refused; people act on the others as on every incident
given jobs
ping billing fail
expect detected INC-1
pass 30s
ann notes INC-1: the disk of the dump is full
expect note (ann): the disk of the dump is full
ping nowhere
refused heartbeat nowhere is not in the configuration
