#!/usr/bin/env bash
# math-verify 0.9.0: numbers that are read or compared as other numbers.
#
# A guess would be: a number in LaTeX is read as its value, and what is not understood is refused.
# Seen: the base of 52_8 is dropped, so 52_8 = 52_9 = 52. 1e-7 is -7 plus Euler's number. The bar
# of 0.\overline{3} and everything after it is dropped: 0. sin 30^\circ is the sine of 30 radians. As soon as
# one side is a decimal both are rounded to six places after the point, however small they are:
# .0000672 = .000067, 0.0000004 = 0.0, 1/7 = 0.142857; 0.33 = 1/3 is refused.
#
# What to do: compare decimals exactly, as fractions; refuse what was not read to its end.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
install math-verify==0.9.0 latex2sympy2_extended==1.11.0 antlr4-python3-runtime==4.13.2 sympy==1.14.0 mpmath==1.3.0
observe <<'PY'
from math_verify import parse, verify

def read(text): return parse(f"${text}$", parsing_timeout=None)

for text in ("52_8", "1e-7", r"0.\overline{3}", r"\sin 30^\circ"): print(text, "is read as", read(text)[0])
for a, b in [("52_8", "52_9"), (".0000672", ".000067"), ("0.0000004", "0.0"), (r"\frac17", "0.142857"), (r"\frac13", "0.33")]:
    print(a, "=", b, verify(read(a), read(b), timeout_seconds=None))
PY
expect <<'SEEN'
52_8 is read as 52
1e-7 is read as -7 + 1*E
0.\overline{3} is read as 0
\sin 30^\circ is read as sin(30)
52_8 = 52_9 True
.0000672 = .000067 True
0.0000004 = 0.0 True
\frac17 = 0.142857 True
\frac13 = 0.33 False
SEEN
