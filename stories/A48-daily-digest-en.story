# A48: the digest has what is open at any priority, and says which deadlines were missed; alerts that ended by themselves are counted
given clocks-en
when web breaks
pass until classified INC-1: P1
sato opens P3: typo in the manual
pass until daily digest of 2026-11-22 (1 P3)
told mail to sato: [daily] Shop digest 2026-11-22
told P3 INC-2 typo in the manual
told P1 INC-1 Service down: Web
told deadlines missed: start of response
