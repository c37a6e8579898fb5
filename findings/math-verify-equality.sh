#!/usr/bin/env bash
# math-verify 0.9.0: its equality is not an equivalence relation, so votes over it depend on the order.
#
# A guess would be: verify(a, b) = verify(b, a), and what equals the same equals each other.
# Seen: 0.5 equals 50 %, and 50 % equals 50, but 0.5 does not equal 50. A list as the reference
# takes the pair in another order, a pair as the reference refuses the list. An inequality as
# the reference takes the interval, but not the other way round. A point that looks like an
# open interval equals a set. A number equals the list that repeats it.
#
# What to do: reduce each answer to a canonical form and compare the forms.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
install math-verify==0.9.0 latex2sympy2_extended==1.11.0 antlr4-python3-runtime==4.13.2 sympy==1.14.0 mpmath==1.3.0
observe <<'PY'
from math_verify import parse, verify

def read(text): return parse(f"${text}$", parsing_timeout=None)

for first, second in [(r"0.5", r"50\%"), (r"50\%", "50"), ("0.5", "50"), ("1,2", "(2,1)"), ("1<x<2", "(1,2)"), ("(1,2)", r"\{1,2\}"), ("1", "1,1")]:
    there, back = (verify(read(a), read(b), timeout_seconds=None) for a, b in ((first, second), (second, first)))
    print(f"{first} and {second}: {there}, the other way round: {back}")
PY
expect <<'SEEN'
0.5 and 50\%: True, the other way round: True
50\% and 50: True, the other way round: True
0.5 and 50: False, the other way round: False
1,2 and (2,1): True, the other way round: False
1<x<2 and (1,2): True, the other way round: False
(1,2) and \{1,2\}: True, the other way round: True
1 and 1,1: True, the other way round: True
SEEN
