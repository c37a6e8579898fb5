#!/usr/bin/env bash
# math-verify 0.9.0: which number of a text parse() takes.
#
# A guess would be: the last number, or the box, of a model's text.
# Seen: the first number after the word "answer" takes precedence over everything later, also "answer 4 of 12: 7".
# Two boxes are one answer, the set of both. The Unicode minus that models write hides the number:
# nothing is found. 1 1/2 in plain text is 1, 10:30 is 10. In a thread that is not the main one the
# defaults raise ValueError.
#
# What to do: extract the answer yourself and give parse() that alone; time it out yourself.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
install math-verify==0.9.0 latex2sympy2_extended==1.11.0 antlr4-python3-runtime==4.13.2 sympy==1.14.0 mpmath==1.3.0
observe <<'PY'
import logging, threading
from math_verify import parse
logging.disable(logging.CRITICAL)

for text in ["answer 4 of 12: 7", "The answer is close. 5 apples cost 12, so 17.", r"\boxed{3}, no, \boxed{4}", "-5", "−5", "1 1/2", "10:30"]:
    print(repr(text), parse(text, parsing_timeout=None)[:1])

def in_a_thread():
    try: print("in a thread:", parse("$1$"))
    except ValueError: print("in a thread: ValueError")

thread = threading.Thread(target=in_a_thread)
thread.start()
thread.join()
PY
expect <<'SEEN'
'answer 4 of 12: 7' [4]
'The answer is close. 5 apples cost 12, so 17.' [5]
'\\boxed{3}, no, \\boxed{4}' [{3, 4}]
'-5' [-5]
'−5' []
'1 1/2' [1]
'10:30' [10]
in a thread: ValueError
SEEN
