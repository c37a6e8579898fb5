"""The work that the clients of compare.py have in common: what they are told, the problems, and how an answer is read."""
import argparse
import json
import re

NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")
EQUATION = re.compile(r"(\d+(?:\.\d+)?) ?([-+*x/]) ?(\d+(?:\.\d+)?) ?= ?(-?\d+(?:\.\d+)?)")


def given(description: str, is_bare: bool = False) -> argparse.Namespace:
    """The command line; `questions` are the chosen problems of the data."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("data")
    parser.add_argument("--problems", type=int, required=True)
    parser.add_argument("--samples", type=int, required=True)
    parser.add_argument("--flights", type=int, required=True)
    if is_bare:
        parser.add_argument("--whole", action="store_true")
        parser.add_argument("--tokens", type=int, default=900)
        parser.add_argument("--template", default="Question: {problem}\nSolution:\n")
    found = parser.parse_args()
    found.questions = [json.loads(line) for line in open(found.data, encoding="utf-8")][: found.problems]
    return found


def last_number(text: str) -> str:
    """Empty if there is none."""
    numbers = NUMBER.findall(text)
    return numbers[-1].replace(",", "") if numbers else ""


def arithmetic(text: str) -> float:
    """0 if an equation of two numbers is wrong, 1 if all are right, 0.5 if there is none."""
    found = EQUATION.findall(text)
    for left, operator, right, result in found:
        a, b = float(left), float(right)
        if operator == "/" and b == 0:
            return 0.0
        value = {"+": a + b, "-": a - b}.get(operator, a / b if operator == "/" else a * b)
        if abs(value - float(result)) > 1e-6:
            return 0.0
    return 1.0 if found else 0.5
