# An override ends by itself, also while hikeshi is away
given rota
suzuki puts tanaka on call by sre for 10m: ill
expect on call by sre: sato → tanaka
when hikeshi is away for 15m
expect on call by sre: tanaka → sato
