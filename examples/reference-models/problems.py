"""The problems that ship (test, fit, and a sample of the training questions), and those that the recipe looks at.

Held out are three sets that do not meet: test; `dev`, which the recipe's choices are made on; and `dev-500`, which ships for
what is fitted to the finished models, such as a policy table. Whatever a model learns from comes from the training questions.

    python problems.py
"""

import json
import random
from collections.abc import Iterator

import data
import settings
from settings import work

TEST, DEV, FIT, SAMPLE = 500, 300, 500, 2_000
ROLLOUTS, SAMPLES, REVISIONS, CHAINS = 2_000, 5_000, 5_288, 600


def line(item: dict) -> str:
    return json.dumps({"problem": item["problem"], "answer": item["answer"]}, ensure_ascii=False) + "\n"


def draw(pool: list[dict], count: int, spare: Iterator[dict]) -> list[dict]:
    """The first `count` of a pool; the next right one of `spare` takes the place of each whose worked solution is wrong.

    So a set keeps its order and most of its problems when the rule of what is right gets stricter.
    """
    return [item if item["right"] else next(spare) for item in pool[:count]]


def main() -> None:
    held = [i for i in data.read("heldout", with_wrong=True) if len(i["problem"]) <= settings.LONGEST_QUESTION]
    assert all(data.held_out(i["problem"]) for i in held)
    random.Random(3).shuffle(held)
    trained = data.read("train")
    assert not any(data.held_out(i["problem"]) for i in trained)
    for seed, name, count in ((21, "label-questions", ROLLOUTS), (22, "sample-questions", SAMPLES),
                              (23, "revise-questions", REVISIONS), (24, "chain-questions", CHAINS)):
        work(f"{name}.jsonl").write_text("".join(map(line, random.Random(seed).sample(trained, count))))
    settings.SHIPPED.mkdir(parents=True, exist_ok=True)
    spare = (i for i in held[TEST + DEV + FIT :] if i["right"])
    for place, first, count in ((settings.SHIPPED / "test-500.jsonl", 0, TEST), (work("dev.jsonl"), TEST, DEV),
                                (settings.SHIPPED / "dev-500.jsonl", TEST + DEV, FIT)):
        place.write_text("".join(map(line, draw(held[first:], count, spare))))
    every = data.read("train", with_wrong=True)
    random.Random(4).shuffle(every)
    sample = draw(every, SAMPLE, (i for i in every[SAMPLE:] if i["right"]))
    (settings.SHIPPED / "train-sample.jsonl").write_text("".join(map(line, sample)))


if __name__ == "__main__":
    main()
