#!/usr/bin/env bash
# The grader of PRM800K, as tinker-cookbook 0.6.1 carries it: how it reads an answer.
#
# A guess would be: it reads LaTeX, so what it accepts is equal.
# Seen: LaTeX becomes plain text first, and the grouping of braces is lost: \frac{x+1}{2} is
# x+1/2. A subscript becomes a digit: 12_8 is 128, so the number 128 is right for 12 in base 8.
# -1\frac34 is -1+3/4. A list of two numbers that looks like thousands is one number: 3, 500 = 3500.
# 42 or 43 is right where 42 is asked. Fractions that are not reduced and 2^{10} for 1024 are
# refused; that is meant so. 5 hours equal 5 minutes, since units are dropped.
#
# What to do: never use it to group answers for a vote; it suits references as MATH writes them.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
install math-verify==0.9.0 latex2sympy2_extended==1.11.0 antlr4-python3-runtime==4.13.2 sympy==1.14.0 mpmath==1.3.0 pylatexenc==2.11
install --no-deps tinker-cookbook==0.6.1 # only one file of it is read
observe <<'PY'
import importlib.util

package = importlib.util.find_spec("tinker_cookbook").submodule_search_locations[0]
spec = importlib.util.spec_from_file_location("math_grading", f"{package}/recipes/math_rl/math_grading.py")
grading = importlib.util.module_from_spec(spec)
spec.loader.exec_module(grading)
for reference, answer in [(r"\frac{x+1}{2}", r"x+\frac{1}{2}"), ("12_8", "128"), (r"-1\frac34", r"-\frac14"), ("3500", "3, 500"),
                          ("42", r"42 \text{ or } 43"), (r"\frac12", r"\frac24"), ("1024", "2^{10}"), (r"5\text{ hours}", r"5\text{ minutes}")]:
    print(f"{reference} takes {answer}: {grading.grade_answer(answer, reference)}")
PY
expect <<'SEEN'
\frac{x+1}{2} takes x+\frac{1}{2}: True
12_8 takes 128: True
-1\frac34 takes -\frac14: True
3500 takes 3, 500: True
42 takes 42 \text{ or } 43: True
\frac12 takes \frac24: False
1024 takes 2^{10}: False
5\text{ hours} takes 5\text{ minutes}: True
SEEN
