#!/usr/bin/env python3
"""A verifier as a program: it checks the equations between whole numbers in each step.

Each line of standard input is a question, each line of standard output an answer:

    {"id": 1, "problem": "What is 3 times 4 plus 1?", "steps": ["3 * 4 = 12\\n", "12 + 1 = 13\\n"], "finished": false}
    {"id": 1, "values": [1, 1]}

A process verifier (kind = "prm") gives a value from 0 to 1 for each step, an outcome verifier (kind = "orm") one for the whole answer.
{"id": 1, "error": "why"} says that there is no value. Standard error is free; its last line is shown if the program ends.
"""
# SPDX-License-Identifier: Apache-2.0
import json
import re
import sys

EQUATION = re.compile(r"(-?\d+) *([-+*]) *(-?\d+) *= *(-?\d+)")
DO = {"+": int.__add__, "-": int.__sub__, "*": int.__mul__}


def value(step):
    """1 if all equations of a step hold, else 0; half if there are none."""
    found = EQUATION.findall(step)
    return 0.5 if not found else float(all(DO[sign](int(a), int(b)) == int(c) for a, sign, b, c in found))


for line in sys.stdin:
    question = json.loads(line)
    print(json.dumps({"id": question["id"], "values": [value(step) for step in question["steps"]]}), flush=True)
