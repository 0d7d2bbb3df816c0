# A53, A69: measures are facts, and stand in the notice of recovery
given clocks-en
sato opens P1: the stock is not shown
sato plans for INC-1 by suzuki until 2026-12-01: watch the stock job
expect M-1: measure after INC-1 (sato, suzuki, by 2026-12-01): watch the stock job
sato closes INC-1: the job had stopped
told Prevention: watch the stock job
never again daily digest
