"""Worked solutions gone wrong in one step, and sums some of which are wrong: what a verifier learns to check on."""

import random
import re

import numpy as np

import data
import settings
from documents import Document, plain

NUMBER = re.compile(r"\d+(?:\.\d+)?")
EQUATION = re.compile(r"(?<![\d.])(\d+(?:\.\d+)?)( ?)([-+*x/])( ?[£$€]?)(\d+(?:\.\d+)?)( ?= ?[£$€]?)(\d+(?:\.\d+)?)(?![\d.])")
BETWEEN = 0.25  # what a verifier's target between two line ends counts


def slip(number: str, rng: random.Random) -> str:
    """A number as a careless calculator would write it."""
    while True:
        kind, digits = rng.randrange(6), list(number)
        at = rng.choice([i for i, c in enumerate(digits) if c.isdigit()])
        if kind <= 1 and "." not in number:
            changed = str(max(0, int(number) + rng.choice([-1, 1]) * rng.choice([1, 1, 2, 3, 5, 10, 10, 20, 100])))
        elif kind == 2 and len(digits) > 1:
            other = rng.randrange(len(digits))
            digits[at], digits[other] = digits[other], digits[at]
            changed = "".join(digits)
        elif kind == 3:
            changed = "".join(rng.choice("0123456789") if c.isdigit() else c for c in digits)
        elif kind == 4 and rng.random() < 0.3:
            changed = number + rng.choice("0123456789") if rng.random() < 0.5 else number[:-1]
        else:
            digits[at] = rng.choice("0123456789")
            changed = "".join(digits)
        if re.fullmatch(r"(0|[1-9]\d*)(\.\d+)?", changed) and float(changed) != float(number):
            return changed


def value(a: str, sign: str, b: str) -> float:
    x, y = float(a), float(b)
    return {"+": x + y, "-": x - y, "*": x * y, "x": x * y, "/": x / y if y else -1.0}[sign]


def plainly(x: float) -> str | None:
    """As the solutions write it; none if they would not."""
    if x < 0 or x > 2 * settings.LARGEST_NUMBER or abs(x - round(x, 2)) > 1e-9:
        return None
    return f"{x:.2f}".rstrip("0").rstrip(".")


def spoil(line: str, known: list[str], rng: random.Random) -> str | None:
    """The line with a mistake: a wrong result, or a wrong number or operation with its own result."""
    equations = list(EQUATION.finditer(line))
    if equations and not line.startswith("####"):
        m = rng.choice(equations)
        a, s1, sign, s2, b, equals, c = m.groups()
        kind = rng.random()
        if kind < 0.5:
            c = slip(c, rng)
        else:
            if kind < 0.75:
                new = rng.choice(known) if known and rng.random() < 0.7 else slip(a, rng)
                a, b = (new, b) if rng.random() < 0.5 else (a, new)
            else:
                sign = rng.choice("+-*/x".replace(sign, ""))
            if abs(value(*m.group(1, 3, 5)) - float(c)) < 0.01 or rng.random() < 0.5:
                c = plainly(value(a, sign, b))
            if c is None or (a, b, c) == m.group(1, 5, 7):
                return None
        return line[: m.start()] + a + s1 + sign + s2 + b + equals + c + line[m.end() :]
    numbers = list(NUMBER.finditer(line))
    if not numbers:
        return None
    m = numbers[-1] if rng.random() < 0.7 else rng.choice(numbers)
    new = rng.choice(known) if known and rng.random() < 0.5 else slip(m[0], rng)
    return None if float(new) == float(m[0]) else line[: m.start()] + new + line[m.end() :]


def solution(item: dict, encode, rng: random.Random, share: float = 0.65) -> Document:
    """A solution with targets: 1 up to its first mistake, 0 from there on."""
    lines, wrong = list(item["solution"]), None
    if rng.random() < share:
        at = rng.randrange(len(lines))
        known = NUMBER.findall(item["problem"] + " " + " ".join(lines[:at]))
        spoiled = spoil(lines[at], known, rng)
        if spoiled:
            wrong, old = at, NUMBER.findall(lines[at])
            replaced = {o: n for o, n in zip(old, NUMBER.findall(spoiled)) if o != n}
            clean, lines[at] = lines[at], spoiled
            if rng.random() < 0.5:
                lines = lines[: at + 1]
            else:  # the rest goes on with the wrong number
                lines[at + 1 :] = [NUMBER.sub(lambda m: replaced.get(m[0], m[0]), l) for l in lines[at + 1 :]]
    tokens = encode(settings.prompt(item["problem"]))
    start, line_ends = len(tokens), []
    read, mark = [0.2] * start, [1.0] * start
    for i, line in enumerate(lines):
        ids = encode(line + "\n")
        first = 0
        if i == wrong:
            before = encode(clean + "\n")
            first = next((j for j, (x, y) in enumerate(zip(ids, before)) if x != y), min(len(ids), len(before)))
        good = len(ids) if wrong is None or i < wrong else first if i == wrong else 0
        tokens += ids
        read += [1.0] * good + [0.0] * (len(ids) - good)
        mark += [1.0] * good + [0.0] * (len(ids) - good)
        line_ends.append(len(tokens) - 1)
    weigh = np.full(len(tokens), BETWEEN, np.float32)
    weigh[:start] = 0
    weigh[line_ends] = 1
    return Document(np.array(tokens), np.array(read, np.float32), np.array(mark, np.float32), weigh)


def sums(encode, rng: random.Random) -> Document:
    """A drill, each line judged for itself."""
    tokens, read, mark, weigh = [], [], [], []
    for line in data.drill(rng, small=True).split("\n"):
        ids, good = encode(line + "\n"), None
        if rng.random() < 0.5:
            numbers = list(NUMBER.finditer(line))
            m = numbers[-1] if rng.random() < 0.8 else rng.choice(numbers)
            wrong = encode(line[: m.start()] + slip(m[0], rng) + line[m.end() :] + "\n")
            good = next(j for j, (x, y) in enumerate(zip(ids, wrong)) if x != y)
            ids = wrong
        tokens += ids
        read += [1.0] * len(ids) if good is None else [1.0] * good + [0.0] * (len(ids) - good)
        mark += [1.0] * len(ids) if good is None else [1.0] * good + [0.0] * (len(ids) - good)
        weigh += [BETWEEN / 2] * (len(ids) - 1) + [0.5]
    return Document(np.array(tokens), np.array(read, np.float32), np.array(mark, np.float32), np.array(weigh, np.float32))


def mixture(text, seed: int, shares=(0.3, 0.5, 0.2), extra=None):
    """Plain documents, spoiled solutions, judged sums; and `extra`, a list of (share, iterator)."""

    def source(cursor: int):
        rng = random.Random(f"{seed} {cursor}")
        items, texts = data.read("train"), plain(cursor)
        while True:
            drawn = rng.random()
            for share, others in extra or []:
                if drawn < share:
                    yield next(others)
                    break
                drawn -= share
            else:
                kind = rng.choices(range(3), shares)[0]
                if kind == 0:
                    yield next(texts)
                elif kind == 1:
                    yield solution(rng.choice(items), text.encode, rng)
                else:
                    yield sums(text.encode, rng)

    source.__name__ = "mixture"
    return source
