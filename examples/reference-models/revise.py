"""The reviser: the policy, taught to answer in sight of earlier attempts that went wrong (Snell et al. 2024, section 6).

    python revise.py reviser --init policy --samples revise-samples.jsonl --tokens 5 --decay

An example is 0 to 4 wrong samples of a question and then a right one; the last wrong one is the nearest to the right
one by edit distance, the others are random. Loss on the right answer only. Between the examples stand documents of the kind that
the policy learnt from: without them a model this small forgets how to calculate.
"""

import argparse
import json
import random
from typing import NamedTuple

import numpy as np
import torch
from rapidfuzz.distance import Levenshtein

import documents
import settings
import train
from documents import Document
from sample import Text
from settings import END_ID, work

MOST_ATTEMPTS = 4
PLAIN = 1, 2  # ordinary documents after a chain: nearly half of the tokens
FIRST_PLAIN = 100_000  # the policy has read those before
PLAIN_WEIGHT = 0.4  # what a token of theirs counts; a chain has one token that counts in four
VALIDATED = 20  # every so many questions one is kept for validation
VALIDATION_CHAINS = 400


class Question(NamedTuple):
    problem: str
    right: list[str]
    wrong: list[str]


def read(files: list[str]) -> list[Question]:
    """The questions with samples that end right and that end wrong, each text once."""
    texts: dict[str, tuple[dict, dict]] = {}
    for file in files:
        for line in work(file).open():
            item = json.loads(line)
            right, wrong = texts.setdefault(item["problem"], ({}, {}))
            for s in item["solutions"]:
                if s["answer"] and s["finished"]:
                    (right if s["correct"] else wrong)[s["text"]] = True
    return [Question(p, list(r), list(w)) for p, (r, w) in texts.items() if r and w]


def parts(files: list[str]) -> tuple[list[Question], list[Question]]:
    """For training and for validation: other questions."""
    questions = read(files)
    return [q for i, q in enumerate(questions) if i % VALIDATED], questions[::VALIDATED]


def draw(q: Question, rng: random.Random, kept: float = 0) -> tuple[list[str], str]:
    """Attempts, the last one the nearest, and the right answer after them.

    In a share `kept` of the chains the last attempt is that right answer itself. The paper has none of those.
    """
    right = rng.choice(q.right)
    count = min(rng.randint(0, MOST_ATTEMPTS), len(q.wrong))
    if kept and rng.random() < kept:
        return rng.sample(q.wrong, max(0, count - 1)) + [right], right
    if not count:
        return [], right
    nearest = min(q.wrong, key=lambda w: Levenshtein.distance(w, right))
    return rng.sample([w for w in q.wrong if w is not nearest], count - 1) + [nearest], right


def document(q: Question, attempts: list[str], right: str, text: Text) -> Document:
    prompt = text.encode(settings.revision_prompt(q.problem, attempts))
    answer = text.encode(right) + [END_ID]
    return Document(np.array(prompt + answer), np.array([0.0] * len(prompt) + [1.0] * len(answer), np.float32))


def chains(questions: list[Question], text: Text, seed: int, kept: float):
    """For ever, every question once a round."""

    def source(cursor: int):
        texts = documents.plain(FIRST_PLAIN + cursor)
        while True:
            rng = random.Random(f"{seed} {cursor // len(questions)}")
            order = rng.sample(range(len(questions)), len(questions))
            for i in order[cursor % len(questions) :]:
                q = questions[i]
                own = random.Random(f"{seed} {cursor}")
                yield document(q, *draw(q, own, kept), text)
                for _ in range(own.choice(PLAIN)):
                    d = next(texts)
                    yield d._replace(read=np.full(len(d.tokens), PLAIN_WEIGHT, np.float32))
                cursor += 1

    source.__name__ = f"chains of {len(questions)}"
    return source


def validation(questions: list[Question], text: Text):
    """Loss a token of the right answers, on the same chains at every look."""
    rng = random.Random(1)
    kept = [document(q, *draw(q, rng), text) for q in rng.choices(questions, k=VALIDATION_CHAINS)]
    rows = documents.Rows(iter(kept), 4, pool=8, row=settings.LONG_ROW)
    batches = []
    try:
        while True:
            batches.append(rows.next())
    except StopIteration:
        pass

    @torch.no_grad()
    def look(model) -> dict:
        sums, count = 0.0, 0.0
        for b in batches:
            logits = model.logits(model(b["input"], b["bias"])).float()
            each = torch.nn.functional.cross_entropy(logits.flatten(0, 1), b["target"].flatten(), reduction="none")
            sums += (each * b["read"].flatten()).sum().item()
            count += b["read"].sum().item()
        return {"loss": round(sums / count, 4)}

    return look


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("name")
    parser.add_argument("--init")
    parser.add_argument("--samples", nargs="+", required=True)
    parser.add_argument("--tokens", type=float, required=True, help="millions")
    parser.add_argument("--decay", action="store_true")
    parser.add_argument("--scale", type=float, default=0.3)
    parser.add_argument("--kept", type=float, default=0, help="share of the chains whose last attempt is right, and given again")
    parser.add_argument("--shape", default="small")
    parser.add_argument("--keep", type=int, nargs="*", default=[])
    a = parser.parse_args()
    text = Text()
    training, validated = parts(a.samples)
    print(f"revise: {len(training):,} questions with samples that end right and that end wrong; {len(validated):,} for validation")
    train.train(a.name, chains(training, text, 11, a.kept), a.tokens, a.init, a.decay, scale=a.scale, batch=3, warm=20, keep=a.keep,
                shape=a.shape, row=settings.LONG_ROW, validate=validation(validated, text))


if __name__ == "__main__":
    main()
