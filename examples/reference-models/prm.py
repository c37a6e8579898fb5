"""The verifier. It starts from a later checkpoint than the policy's: checking sums is as hard as doing them.

    python prm.py base --init trunk-12M --tokens 21         language, spoiled solutions, judged sums
    python prm.py prm1 --init base --tokens 6 --decay --labels rollouts.jsonl --samples samples.jsonl
"""

import argparse
import json
import random

import numpy as np

import corrupt
import data
import settings
import train
from documents import Document
from sample import Text
from settings import work

LABELLED = 3.0  # what the target at a labelled sample's line end counts; at a spoiled solution's it is 1


def against_reference(steps: list[str], solution: list[str], right: bool) -> list[float]:
    """The steps of a sample that ends right are right; of one that ends wrong, those before the first whose numbers
    are not the worked solution's. That costs no roll-outs, and the final answer's label is exact.
    """
    if right:
        return [1.0] * len(steps)
    agreed = 0
    for said, meant in zip(steps, solution):
        if corrupt.NUMBER.findall(said) != corrupt.NUMBER.findall(meant):
            break
        agreed += 1
    return [1.0] * agreed + [0.0] * (len(steps) - agreed)


def labelled(files: list[str], text: Text, seed: int, reference: bool = False):
    """Documents of labelled samples, for ever: as many that end right as end wrong *for each question*, or a verifier
    learns which questions are hard and nothing else.

    With `reference` a sample's steps are held against the worked solution instead of valued by roll-outs, and that
    solution itself stands in where no sample is right.
    """
    rng = random.Random(seed)
    questions = []
    known = {item["problem"]: item["solution"] for item in data.read("train")} if reference else {}
    for file in files:
        for line in work(file).open():
            item = json.loads(line)
            kinds = {True: [], False: []}
            for s in item["solutions"]:
                steps = s["steps"]
                if reference:
                    lines = s["text"].split("\n")
                    labels = against_reference(lines, known[item["problem"]], s["correct"])
                    steps = [{"text": t, "label": l} for t, l in zip(lines, labels)]
                if steps:
                    kinds[s["correct"]].append(steps)
            if reference and not kinds[True]:
                kinds[True].append([{"text": t, "label": 1.0} for t in known[item["problem"]]])
            if kinds[True] and kinds[False]:
                questions.append((text.encode(settings.prompt(item["problem"])), kinds))
    print(f"prm: {len(questions):,} questions with samples that end right and that end wrong")

    def make(prompt, steps, correct) -> Document:
        tokens, mark, weigh = list(prompt), [0.0] * len(prompt), [0.0] * len(prompt)
        for step in steps:
            ids = text.encode(step["text"].rstrip("\n") + "\n")
            tokens += ids
            mark += [step["label"]] * len(ids)
            weigh += [0.0] * (len(ids) - 1) + [LABELLED]
        weigh[-1] *= 2  # the last step is the one that an answer is chosen by
        read = np.full(len(tokens), 1.0 if correct else 0.0, np.float32)
        return Document(np.array(tokens), read, np.array(mark, np.float32), np.array(weigh, np.float32))

    while True:
        rng.shuffle(questions)
        for prompt, kinds in questions:
            correct = rng.random() < 0.5
            yield make(prompt, rng.choice(kinds[correct]), correct)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("name")
    parser.add_argument("--init")
    parser.add_argument("--tokens", type=float, required=True)
    parser.add_argument("--decay", action="store_true")
    parser.add_argument("--labels", nargs="*", default=[])
    parser.add_argument("--share", type=float, default=0.5)
    parser.add_argument("--samples", nargs="*", default=[])
    parser.add_argument("--samples-share", type=float, default=0.3)
    parser.add_argument("--shares", type=float, nargs=3, default=(0.3, 0.5, 0.2), help="plain, spoiled, sums")
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--shape", default="small")
    parser.add_argument("--keep", type=int, nargs="*", default=[])
    a = parser.parse_args()
    text = Text()
    extra = [(a.share, labelled(a.labels, text, 7))] if a.labels else []
    extra += [(a.samples_share, labelled(a.samples, text, 9, reference=True))] if a.samples else []
    train.train(a.name, corrupt.mixture(text, 8, a.shares, extra), a.tokens, a.init, a.decay, verifier=True, weight=2.0,
                scale=a.scale, keep=a.keep, shape=a.shape)


if __name__ == "__main__":
    main()
