"""Outcome verifiers: they read a whole answer and say whether it ends right. Trained on right and wrong samples alone.

    python orm.py orm --init prm3 --samples revise-samples.jsonl --tokens 8 --decay            the policy's samples
    python orm.py revision_orm --init orm --chains chains.jsonl --tokens 4 --decay             the reviser's, with what it saw

For every question as many right as wrong ones, or a verifier learns which questions are hard and nothing else.
"""

import argparse
import json
import random
from collections import defaultdict

import numpy as np

import settings
import train
from documents import Document, plain
from sample import Text
from settings import work

PLAIN = 0.15  # share of ordinary documents: it goes on knowing how solutions are written
BETWEEN, LAST = 0.1, 3.0  # what the target counts at a token of the answer, and at its end, where it is read off


def read(samples: list[str], chains: list[str]) -> list[dict]:
    """By question: {True: [(attempts, text), …], False: …}, of those that have both, each text once."""
    questions = defaultdict(lambda: {True: {}, False: {}})
    for file in samples:
        for line in work(file).open():
            item = json.loads(line)
            for s in item["solutions"]:
                questions[item["problem"]][s["correct"]][(), s["text"]] = True
    for file in chains:
        for line in work(file).open():
            s = json.loads(line)
            questions[s["problem"]][s["correct"]][tuple(s["attempts"]), s["text"]] = True
    return [{"problem": p, True: list(k[True]), False: list(k[False])} for p, k in questions.items() if k[True] and k[False]]


def document(problem: str, attempts, answer: str, right: bool, text: Text) -> Document:
    prompt, ids = text.encode(settings.revision_prompt(problem, attempts)), text.encode(answer.rstrip("\n") + "\n")
    before, n = len(prompt), len(prompt) + len(ids)
    read, mark, weigh = np.zeros(n, np.float32), np.zeros(n, np.float32), np.zeros(n, np.float32)
    read[before:] = mark[before:] = float(right)
    weigh[before:] = BETWEEN
    weigh[-1] = LAST
    return Document(np.array(prompt + ids), read, mark, weigh)


def source_of(questions: list[dict], text: Text, seed: int):
    def source(cursor: int):
        rng, texts = random.Random(f"{seed} {cursor}"), plain(cursor)
        while True:
            for q in rng.sample(questions, len(questions)):
                if rng.random() < PLAIN:
                    yield next(texts)
                right = rng.random() < 0.5
                attempts, answer = rng.choice(q[right])
                yield document(q["problem"], list(attempts), answer, right, text)

    source.__name__ = "outcomes"
    return source


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("name")
    parser.add_argument("--init")
    parser.add_argument("--samples", nargs="*", default=[])
    parser.add_argument("--chains", nargs="*", default=[])
    parser.add_argument("--tokens", type=float, required=True, help="millions")
    parser.add_argument("--decay", action="store_true")
    parser.add_argument("--scale", type=float, default=0.4)
    parser.add_argument("--shape", default="verifier")
    a = parser.parse_args()
    text = Text()
    questions = read(a.samples, a.chains)
    print(f"orm: {len(questions):,} questions with answers that are right and that are wrong")
    long = bool(a.chains)
    train.train(a.name, source_of(questions, text, 13), a.tokens, a.init, a.decay, verifier=True, weight=2.0, scale=a.scale, warm=50,
                shape=a.shape, batch=3 if long else 8, row=settings.LONG_ROW if long else settings.ROW)


if __name__ == "__main__":
    main()
