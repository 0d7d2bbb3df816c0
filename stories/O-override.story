# Overrides: with a reason and an author, in the place of one person or of all; taken back, the rota holds again
given rota
suzuki puts tanaka on call by sre for 10m: ill
expect OVR-1: tanaka on call by sre from
expect on call by sre: sato → tanaka
told mail to tanaka: [info] you are on call: SRE
told mail to sato: [info] your shift is over: SRE
suzuki takes OVR-1 back
expect on call by sre: tanaka → sato
suzuki puts nobody-here on call by sre for 10m: ill
refused there is no contact nobody-here
suzuki puts tanaka on call by nowhere for 10m: ill
refused there is no schedule nowhere
suzuki puts tanaka on call by sre for 10m
refused needs a reason
suzuki takes OVR-9 back
refused there is no override OVR-9
