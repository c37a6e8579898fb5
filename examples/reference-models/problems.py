"""The problems that ship (test, fit, and a sample of the training questions), and those that the recipe looks at.

Held out are three sets that do not meet: test; `dev`, which the recipe's choices are made on; and `dev-500`, which ships for
what is fitted to the finished models, such as a policy table. Whatever a model learns from comes from the training questions.

    python problems.py
"""

import json
import random

import data
import settings
from settings import work

TEST, DEV, FIT, SAMPLE = 500, 300, 500, 2_000
ROLLOUTS, SAMPLES, REVISIONS, CHAINS = 2_000, 5_000, 5_288, 600


def line(item: dict) -> str:
    return json.dumps({"problem": item["problem"], "answer": item["answer"]}, ensure_ascii=False) + "\n"


def main() -> None:
    held = [i for i in data.read("heldout") if len(i["problem"]) <= settings.LONGEST_QUESTION]
    assert all(data.held_out(i["problem"]) for i in held)
    random.Random(3).shuffle(held)
    trained = data.read("train")
    assert not any(data.held_out(i["problem"]) for i in trained)
    for seed, name, count in ((21, "label-questions", ROLLOUTS), (22, "sample-questions", SAMPLES),
                              (23, "revise-questions", REVISIONS), (24, "chain-questions", CHAINS)):
        work(f"{name}.jsonl").write_text("".join(map(line, random.Random(seed).sample(trained, count))))
    random.Random(4).shuffle(trained)
    settings.SHIPPED.mkdir(parents=True, exist_ok=True)
    (settings.SHIPPED / "test-500.jsonl").write_text("".join(map(line, held[:TEST])))
    work("dev.jsonl").write_text("".join(map(line, held[TEST : TEST + DEV])))
    (settings.SHIPPED / "dev-500.jsonl").write_text("".join(map(line, held[TEST + DEV : TEST + DEV + FIT])))
    (settings.SHIPPED / "train-sample.jsonl").write_text("".join(map(line, trained[:SAMPLE])))


if __name__ == "__main__":
    main()
