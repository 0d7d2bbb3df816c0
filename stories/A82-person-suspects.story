# A82: a person suspects a loss of data; where nobody holds a role, those who work on it hear that they must tell them
given team
sato opens P1: 請求データがおかしい
sato suspects data loss in INC-1: 昨夜の請求が消えている
pass 1m
expect INC-1 data loss suspected (sato): 昨夜の請求が消えている → , nobody holds legal, management
told chat to room: [urgent] data loss suspected
told Nobody holds: legal, management
