"""The verifier. It starts from a later checkpoint than the policy's: checking sums is as hard as doing them.

    python prm.py base --init trunk-14M --tokens 30      language, spoiled solutions, judged sums
    python prm.py prm --init base --tokens 6 --decay --labels reference.jsonl rollouts.jsonl --share 0.5
"""

import argparse
import json
import random

import numpy as np

import corrupt
import settings
import train
from documents import Document
from sample import Text
from settings import work


def labelled(files: list[str], text: Text, seed: int):
    """Documents of labelled samples, for ever. Questions whose samples all agree teach little: most are passed by."""
    rng = random.Random(seed)
    documents = []
    for file in files:
        for line in work(file).open():
            item = json.loads(line)
            finished = [s for s in item["solutions"] if s["steps"]]
            outcomes = {s["correct"] for s in finished}
            prompt = text.encode(settings.prompt(item["problem"]))
            for solution in finished:
                if len(outcomes) == 1 and rng.random() < 0.6:
                    continue
                documents.append((prompt, solution["steps"], solution["correct"]))
    print(f"prm: {len(documents):,} labelled solutions")

    def make(prompt, steps, correct) -> Document:
        tokens, mark, weigh = list(prompt), [0.0] * len(prompt), [0.0] * len(prompt)
        for step in steps:
            ids = text.encode(step["text"].rstrip("\n") + "\n")
            tokens += ids
            mark += [step["label"]] * len(ids)
            weigh += [0.0] * (len(ids) - 1) + [1.0]
        read = np.full(len(tokens), 1.0 if correct else 0.0, np.float32)
        return Document(np.array(tokens), read, np.array(mark, np.float32), np.array(weigh, np.float32))

    while True:
        rng.shuffle(documents)
        for d in documents:
            yield make(*d)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("name")
    parser.add_argument("--init")
    parser.add_argument("--tokens", type=float, required=True)
    parser.add_argument("--decay", action="store_true")
    parser.add_argument("--labels", nargs="*", default=[])
    parser.add_argument("--share", type=float, default=0.5)
    parser.add_argument("--shares", type=float, nargs=3, default=(0.3, 0.5, 0.2), help="plain, spoiled, sums")
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--keep", type=int, nargs="*", default=[])
    a = parser.parse_args()
    text = Text()
    extra = [(a.share, labelled(a.labels, text, 7))] if a.labels else None
    train.train(a.name, corrupt.mixture(text, 8, a.shares, extra), a.tokens, a.init, a.decay, verifier=True,
                scale=a.scale, keep=a.keep)


if __name__ == "__main__":
    main()
