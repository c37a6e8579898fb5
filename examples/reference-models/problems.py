"""The problems that ship (test, and a sample of the training questions), and those that the recipe looks at.

Test and dev questions are held out, and differ; whatever the verifier learns from comes from the training questions.

    python problems.py
"""

import json
import random

import data
import settings
from settings import work

TEST, DEV, SAMPLE = 500, 300, 2_000
ROLLOUTS, SAMPLES = 2_000, 5_000


def line(item: dict) -> str:
    return json.dumps({"problem": item["problem"], "answer": item["answer"]}, ensure_ascii=False) + "\n"


def main() -> None:
    held = [i for i in data.read("heldout") if len(i["problem"]) <= settings.LONGEST_QUESTION]
    assert all(data.held_out(i["problem"]) for i in held)
    random.Random(3).shuffle(held)
    trained = data.read("train")
    assert not any(data.held_out(i["problem"]) for i in trained)
    for seed, name, count in ((21, "label-questions", ROLLOUTS), (22, "sample-questions", SAMPLES)):
        work(f"{name}.jsonl").write_text("".join(map(line, random.Random(seed).sample(trained, count))))
    random.Random(4).shuffle(trained)
    settings.SHIPPED.mkdir(parents=True, exist_ok=True)
    (settings.SHIPPED / "test-500.jsonl").write_text("".join(map(line, held[:TEST])))
    work("dev.jsonl").write_text("".join(map(line, held[TEST : TEST + DEV])))
    (settings.SHIPPED / "train-sample.jsonl").write_text("".join(map(line, trained[:SAMPLE])))


if __name__ == "__main__":
    main()
