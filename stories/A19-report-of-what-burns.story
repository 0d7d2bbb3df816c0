# A19: a report of a service that burns, or of what needs it, joins its incident; one of something else opens its own
given ../examples/miraikakaku
when database breaks
pass 2m
expect detected INC-1
report "価格が出ません" from support on price
expect INC-1 reported by support
report "何も見えません" from support
expect INC-1 reported by support
never INC-2
