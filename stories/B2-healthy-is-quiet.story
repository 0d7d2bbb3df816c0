# B2: nothing is wrong: no alert, no notice, nothing written
given ../examples/miraikakaku
pass 1h
never alert
never waiting
never must be told
never INC-1
