# L: what is not in the configuration is refused, with what is wrong
given ../examples/miraikakaku
sato runs service-restart on api-9
refused service api-9 is not in the configuration
sato runs no-such-book on api-1
refused there is no runbook no-such-book
sato runs disk-usage on api-1
refused disk-usage is for mks-logs
sato acknowledges INC-7
refused there is no open incident INC-7
sato opens P1
refused the title is empty
