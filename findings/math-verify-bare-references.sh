#!/usr/bin/env bash
# math-verify 0.9.0: a reference without dollars, as MATH files hold them, is read in part.
#
# A guess would be: parse() reads the answer field of MATH-500, or says that it cannot.
# Seen: LaTeX counts only between marks such as $...$. Without them the text is searched for a
# plain number (and \frac with numbers), and what surrounds it is dropped without a word: 2\pi
# is 2, 5\sqrt{3} is 5, 3+4i is 3. So the right answer is refused and a wrong one is accepted.
# Others (x+1, a point, an interval, a matrix) give an empty list, and verify() says False.
#
# What to do: put $...$ round every reference before parse().
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
install math-verify==0.9.0 latex2sympy2_extended==1.11.0 antlr4-python3-runtime==4.13.2 sympy==1.14.0 mpmath==1.3.0
observe <<'PY'
from math_verify import parse, verify

def read(text): return parse(text, parsing_timeout=None)

def accepts(reference, answer): return verify(read(reference), read(f"${answer}$"), timeout_seconds=None)

for reference, wrong in [(r"2\pi", "2"), (r"5\sqrt{3}", "5"), ("3+4i", "3"), ("x+1", "1"), ("(1,2)", "2"), ("[0,1)", "0")]:
    bare, dressed = read(reference), read(f"${reference}$")
    print(f"{reference} is read as {bare[:1]}, with dollars as {dressed[:1]};",
          f"itself {accepts(reference, reference)}, {wrong} {accepts(reference, wrong)}")
print(r"\frac{1}{3} is read as", read(r"\frac{1}{3}")[:1])
PY
expect <<'SEEN'
2\pi is read as [2], with dollars as [2*pi]; itself False, 2 True
5\sqrt{3} is read as [5], with dollars as [5*sqrt(3)]; itself False, 5 True
3+4i is read as [3], with dollars as [4*i + 3]; itself False, 3 True
x+1 is read as [], with dollars as [x + 1]; itself False, 1 False
(1,2) is read as [], with dollars as [Interval.open(1, 2)]; itself False, 2 False
[0,1) is read as [], with dollars as [Interval.Ropen(0, 1)]; itself False, 0 False
\frac{1}{3} is read as [1/3]
SEEN
