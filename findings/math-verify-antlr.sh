#!/usr/bin/env bash
# math-verify 0.9.0 beside lm-eval 0.4.13: the parser's runtime changes what an answer is.
#
# lm-eval's extra [math] and SymPy's own LaTeX parser want antlr4-python3-runtime 4.11; math-verify runs
# with 4.11 and with 4.13.2. A guess would be: with the same answers.
# Seen: with 4.13.2 \boxed{50\%} is 50/100 and equals 0.5; with 4.11.0 nothing but its text is
# left, without an error, and 0.5 is refused. Plain numbers do not differ, so nobody notices.
#
# What to do: pin the runtime and write it beside the score.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
install math-verify==0.9.0 latex2sympy2_extended==1.11.0 sympy==1.14.0 mpmath==1.3.0
for version in 4.11.0 4.13.2; do
    install antlr4-python3-runtime==$version
    observe $version <<'PY'
import logging, sys
from math_verify import parse, verify
logging.disable(logging.CRITICAL)

def read(text): return parse(text, parsing_timeout=None)

for box in (r"\boxed{50\%}", r"\boxed{50}"): print(sys.argv[1], box, read(box))
print(sys.argv[1], "0.5 accepts 50%:", verify(read("$0.5$"), read(r"\boxed{50\%}"), timeout_seconds=None))
PY
done
expect <<'SEEN'
4.11.0 \boxed{50\%} ['50\\%']
4.11.0 \boxed{50} [50, '50']
4.11.0 0.5 accepts 50%: False
4.13.2 \boxed{50\%} [50*(1/100), '50\\%']
4.13.2 \boxed{50} [50, '50']
4.13.2 0.5 accepts 50%: True
SEEN
