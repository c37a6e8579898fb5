#!/usr/bin/env bash
# SymPy 1.14.0: parse_latex reads a part of an answer, or another answer, without an error.
#
# A guess would be: what cannot be read raises an error (as 50\% does).
# Seen: it stops at the first comma: 1,7 is 1 and so equals 1,-2, and 1{,}000 is 1, although 1,000 is 1000.
# A mixed number is a product: 2\frac{1}{2} is 1. Digits with a space between are one number: 2 3 is 23.
# \pi, i and e are letters and not the constants, so \pi = pi is False and \ln e is not 1;
# \log is the natural logarithm. \text{yes} is a product of letters.
#
# What to do: never compare two answers through it without a look at what was left unread.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
install sympy==1.14.0 mpmath==1.3.0 antlr4-python3-runtime==4.11.0
observe <<'PY'
import sympy
from sympy.parsing.latex import parse_latex

for text in ["1,7", "1,-2", "1{,}000", "1,000", r"2\frac{1}{2}", "2 3", r"\log 100", r"\ln e", r"\text{yes}"]:
    print(text, "is", sympy.simplify(parse_latex(text)))
try: parse_latex(r"50\%")
except Exception as error: print(r"50\% is", type(error).__name__)
print(r"\pi is pi:", parse_latex(r"\pi") == sympy.pi, r"- i is the root of -1:", parse_latex("i") == sympy.I)
PY
expect <<'SEEN'
1,7 is 1
1,-2 is 1
1{,}000 is 1
1,000 is 1000
2\frac{1}{2} is 1
2 3 is 23
\log 100 is log(100)
\ln e is log(e)
\text{yes} is e*s*text*y
50\% is LaTeXParsingError
\pi is pi: False - i is the root of -1: False
SEEN
