# group_interval: signals that join a warning are told together, this far apart; repeat_interval: it is told again
given team
prometheus sends QueueGrows on machine warning queue=a
pass 1m
told chat to room: [warning] firing: QueueGrows: Machine
prometheus sends QueueGrows on machine warning queue=b
prometheus sends QueueGrows on machine warning queue=c
pass 2m
never told update
pass 3m
told chat to room: [warning] update: QueueGrows: Machine
told Signals: 3
never told still firing
pass 62m
told chat to room: [warning] still firing: QueueGrows: Machine
