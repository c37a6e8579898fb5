"""Questions with worked solutions from reasoning-gym's gsm_symbolic, cleaned, filtered and kept apart by text.

    python data.py        writes train.jsonl (no hash begins with 0) and heldout.jsonl (every hash does)
"""

import hashlib
import json
import random
import re
from multiprocessing import Pool

import equations
import settings
from settings import work

LAST_SENTENCE = "Give the result as your final answer. Do not include units."
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")


def held_out(question: str) -> bool:
    """The rule that keeps test questions out of training: by text, whatever seed made them."""
    return hashlib.sha256(question.encode()).hexdigest().startswith("0")


def clean(solution: str) -> list[str]:
    """One step a line: no blank lines, bullets or headings, and 12.0 is written 12."""
    lines = []
    for line in solution.split("\n"):
        line = re.sub(r"^\s*(?:•|\d+\.(?=\s))?\s*", "", " ".join(line.split()))
        line = re.sub(r"(?<![\d.])(\d+)\.0+(?!\d)", r"\1", line)
        if line and not line.endswith(":"):
            lines.append(line)
    return lines


def make(chunk: tuple[int, int], seed: int = 1, size: int = settings.QUESTIONS, wanted=None) -> list[dict]:
    import reasoning_gym

    first, last = chunk
    source = reasoning_gym.create_dataset("gsm_symbolic", size=size, seed=seed)
    found = []
    for index in range(first, last):
        item = source[index]
        question = " ".join(item["question"].replace(LAST_SENTENCE, "").split())
        if len(question) > settings.LONGEST_QUESTION or wanted and not wanted(question):
            continue
        lines = clean(item["metadata"]["answer_cot"])
        answer = lines[-1].removeprefix("####").strip() if lines else ""
        if not re.fullmatch(r"-?\d+(\.\d+)?", answer) or len(lines) < 2:
            continue
        if float(answer) != float(item["answer"]):
            continue
        largest = max(float(n.replace(",", "")) for n in NUMBER.findall("\n".join(lines)))
        if largest > settings.LARGEST_NUMBER:
            continue
        found.append({"problem": question, "solution": lines, "answer": answer, "right": equations.is_right(lines)})
    return found


def drill(rng: random.Random, limit: int = settings.LARGEST_NUMBER, small: bool = False) -> str:
    """A document of sums such as the solutions hold, for arithmetic is most of what goes wrong.

    `small`: more of the small numbers, in which most slips are made.
    """
    lines = []
    for _ in range(rng.randint(8, 14)):
        kind = rng.choice("++--**/%.3")
        if kind in "+-":
            most = rng.choice([30, 100, 200, limit]) if small else limit
            a = rng.randint(1, most - 1)
            b = rng.randint(1, most - a)
            if small and rng.random() < 0.05:
                b = a
            text = f"{a} + {b} = {a + b}" if kind == "+" else f"{a + b} - {a} = {b}"
        elif kind in "*/":
            a = rng.randint(2, rng.choice([12, 25, 99]))
            b = rng.randint(2, max(2, limit // a))
            a, b = rng.sample([a, b], 2)
            sign = rng.choice("*x")
            text = f"{a} {sign} {b} = {a * b}" if kind == "*" else f"{a * b} / {a} = {b}"
        elif kind == "%":
            p, base = rng.choice([10, 20, 25, 30, 40, 50, 60, 70, 75, 80, 90]), 10 * rng.randint(1, limit // 10)
            text = f"{p}/100 * {base} = {p * base / 100:g}" if p * base % 100 == 0 else f"{base} / 10 = {base // 10}"
        elif kind == ".":
            p, base = rng.choice([(0.1, 10), (0.2, 5), (0.25, 4), (0.5, 2), (0.75, 4), (0.4, 5), (0.6, 5), (0.8, 5)])
            n = base * rng.randint(1, limit // base)
            text = f"{n} * {p} = {round(n * p)}" if rng.random() < 0.5 else f"{p} * {n} = {round(n * p)}"
        else:
            parts = [rng.randint(1, limit // 4) for _ in range(rng.randint(3, 4))]
            text = " + ".join(map(str, parts)) + f" = {sum(parts)}"
        if rng.random() < 0.25:
            text = text.replace(" ", "")
        lines.append(text)
    return "\n".join(lines)


def main() -> None:
    if work("train.jsonl").exists() and work("heldout.jsonl").exists():
        print("data: there already")
        return
    size = 25_000
    chunks = [(i, min(i + size, settings.QUESTIONS)) for i in range(0, settings.QUESTIONS, size)]
    seen, counts = set(), {"train": 0, "heldout": 0}
    with Pool() as pool, work("train.tmp").open("w") as train, work("heldout.tmp").open("w") as heldout:
        for done, found in enumerate(pool.imap(make, chunks), 1):
            for item in found:
                if item["problem"] in seen:
                    continue
                seen.add(item["problem"])
                split = "heldout" if held_out(item["problem"]) else "train"
                counts[split] += 1
                (heldout if split == "heldout" else train).write(json.dumps(item, ensure_ascii=False) + "\n")
            print(f"data: {done}/{len(chunks)} {counts}", flush=True)
    work("train.tmp").rename(work("train.jsonl"))
    work("heldout.tmp").rename(work("heldout.jsonl"))


def read(split: str, with_wrong: bool = False) -> list[dict]:
    """The questions whose worked solutions hold; `with_wrong`: all that were drawn, each with its mark `right`."""
    with work(f"{split}.jsonl").open() as lines:
        return [item for item in map(json.loads, lines) if with_wrong or item["right"]]


if __name__ == "__main__":
    main()
