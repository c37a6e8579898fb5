#!/usr/bin/env bash
# inspect-ai 0.3.285: match(numeric=True) compares five significant digits.
#
# A guess would be: numbers are compared as numbers.
# Seen: both sides are written with five significant digits before they are compared, so whole
# numbers from 100,000 on are right if they are near: 123457 for 123456, 1450001 for 1450000.
# A number must stand alone between spaces: \boxed{18}, 18% and x=18 are wrong for 18, and so is
# 1/2 for 0.5; 2³ is the number 8.
#
# What to do: for exact answers compare the text that was extracted.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
install inspect-ai==0.3.285
observe <<'PY'
from inspect_ai.scorer._common import match_str # what the scorer match() calls

for text, target in [("It is 123457", "123456"), ("1450001", "1450000"), ("12346", "12345"), ("0.1234564", "0.1234567"), (r"\boxed{18}", "18"), ("18%", "18"),
                     ("x=18", "18"), ("1/2", "0.5"), ("2³", "8"), ("18.", "18")]:
    print(f"{text} for {target}: {match_str(text, target, numeric=True)[1]}")
PY
expect <<'SEEN'
It is 123457 for 123456: True
1450001 for 1450000: True
12346 for 12345: False
0.1234564 for 0.1234567: True
\boxed{18} for 18: False
18% for 18: False
x=18 for 18: False
1/2 for 0.5: False
2³ for 8: True
18. for 18: True
SEEN
