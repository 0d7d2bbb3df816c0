# L: three of five looks must be bad: two peaks are nothing, a third is an alert
given small
when machine/host cpu_percent is 95
pass 9s
when machine/host cpu_percent is 50
pass 5s
never alert
when machine/host cpu_percent is 95
pass 6s
expect alert A1 [warning]
