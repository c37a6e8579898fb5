"""Whether a worked solution is right: every equation in it, evaluated with exact arithmetic.

The generator cuts fractions to whole numbers in some of its templates ("$45.05 - $13.05 = $31"), so that neither its
solution nor its answer can be trusted unread.
"""

import re
from fractions import Fraction

TOKEN = re.compile(
    r"""(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d)|\d+(?:\.\d+)?|\.\d+)(?P<percent>\s?%)?
      | (?P<unit>/\s?[A-Za-z]+|[A-Za-z][A-Za-z'’-]+)      # "/day" and words: no part of a sum
      | (?P<variable>[A-Za-z])
      | (?P<operator>[-+*/()×÷−])
      | (?P<stop>[,;:.!?](?=\s|$))""",
    re.VERBOSE,
)
SIGNS = {"×": "*", "−": "-"}
TIMES = re.compile(r"(?<=[\d)%]) ?x ?(?=[$£€]?[\d(.])|(?<=\w) x (?=[$£€]?[\d(.])")  # an x that multiplies, and is no unknown
FOUND = re.compile(r"(?<![-+*/=] )(?<![-+*/=])\b([A-Za-z]) ?= ?(\d+(?:\.\d+)?)(?![\d.]*\s*[-+*/x×])")  # "x=76"


class Unreadable(Exception):
    """There is no sum here, or one with a variable in it."""


def tokens(text: str) -> list:
    """Numbers as fractions, operators as characters, unknowns as "?x", None where a sum cannot go on."""
    found = []
    for match in TOKEN.finditer(TIMES.sub(" * ", text)):
        kind = match.lastgroup
        if match["number"]:
            value = Fraction(match["number"].replace(",", ""))
            found.append(value / 100 if match["percent"] else value)
        elif kind == "variable" and match["variable"] not in "aAI":
            found.append("?" + match["variable"])
        elif kind == "operator":
            sign = match["operator"]
            found.append(SIGNS.get(sign, sign))
        elif kind == "stop":
            found.append(None)
    return found


def runs(text: str) -> list[list]:
    """The sums in a text: cut where two numbers meet without an operator between them. "2(16)" and "2x" are products."""
    cut, before = [[]], None
    for token in tokens(text):
        is_number = isinstance(token, Fraction)
        ended = isinstance(before, Fraction) or before == ")"
        if token == "(" and ended or is_unknown(token) and isinstance(before, Fraction):
            cut[-1].append("*")
        elif token is None or (is_number or is_unknown(token)) and (ended or is_unknown(before)):
            cut.append([])
        if token is not None:
            cut[-1].append(token)
        before = token
    return [run for run in cut if any(isinstance(t, Fraction) or is_unknown(t) for t in run)]


def is_unknown(token) -> bool:
    return isinstance(token, str) and token.startswith("?")


def value(run: list, known: dict) -> Fraction:
    """By the usual precedence, but that "10÷2/5" divides by two fifths, as the solutions mean it."""
    rest = list(run)

    def factor() -> Fraction:
        token = rest.pop(0) if rest else None
        if isinstance(token, Fraction):
            return token
        if is_unknown(token) and token[1:] in known:
            return known[token[1:]]
        if token == "-":
            return -factor()
        if token == "(":
            inside = total()
            if rest[:1] == [")"]:
                rest.pop(0)
                return inside
        raise Unreadable

    def chain(part, signs: dict) -> Fraction:
        result = part()
        while rest and rest[0] in signs:
            apply, other = signs[rest.pop(0)], part()
            if apply is divide and other == 0:
                raise Unreadable
            result = apply(result, other)
        return result

    def divide(a: Fraction, b: Fraction) -> Fraction:
        return a / b

    def fraction() -> Fraction:
        return chain(factor, {"*": Fraction.__mul__, "/": divide})

    def product() -> Fraction:
        return chain(fraction, {"÷": divide})

    def total() -> Fraction:
        return chain(product, {"+": Fraction.__add__, "-": Fraction.__sub__})

    result = total()
    if rest:
        raise Unreadable
    return result


def check(line: str, known: dict | None = None) -> tuple[int, int]:
    """How many equations of a line hold, and how many do not. One that cannot be read is neither."""
    sides, right, wrong = line.removeprefix("- ").split("="), 0, 0
    for left, other in zip(sides, sides[1:]):
        try:
            on_the_left, on_the_right = runs(left), runs(other)
            if not on_the_left or not on_the_right:
                continue
            one, two = value(on_the_left[-1], known or {}), value(on_the_right[0], known or {})
        except Unreadable:
            continue
        right, wrong = right + (one == two), wrong + (one != two)
    return right, wrong


def is_right(solution: list[str]) -> bool:
    """Every equation that can be read holds, there is at least one, and the answer was told before its last line."""
    known = {name: Fraction(number) for line in solution for name, number in FOUND.findall(line)}
    found = [check(line, known) for line in solution]
    if any(wrong for _, wrong in found) or not any(right for right, _ in found):
        return False
    answer = abs(Fraction(solution[-1].removeprefix("####").strip().replace(",", "")))
    told = {abs(token) for line in solution[:-1] for token in tokens(line) if isinstance(token, Fraction)}
    return answer in told or answer / 100 in told
