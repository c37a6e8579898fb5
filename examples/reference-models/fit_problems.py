"""The problems that the shipped policy tables are fitted on: thousands, which do not ship. The same call gives the same ones.

    python fit_problems.py OUT.jsonl [COUNT]        3,000 unless COUNT says otherwise

They are drawn as the recipe's are (`data.py`), with another seed, whose items the recipe never draws. By text, none is among
the questions that a model was trained on (their SHA-256 does not begin with 0, those of these do), nor in the files that ship.
It needs reasoning-gym alone, and takes a minute or two.
"""

import json
import sys
from pathlib import Path

import data
import settings

# Item i of seed s has the generator's state s + i, so this is far behind the recipe's seed 1 and its 1.5 million.
SEED, SIZE, CHUNK = 10_000_000, 1_500_000, 5_000
SHIPPED = ("test-500.jsonl", "dev-500.jsonl", "train-sample.jsonl")


def shipped() -> set[str]:
    return {json.loads(line)["problem"] for name in SHIPPED for line in (settings.SHIPPED / name).open()}


def main() -> None:
    if not 2 <= len(sys.argv) <= 3:
        sys.exit(__doc__)
    out, count = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 3_000
    seen, kept = shipped(), []
    for first in range(0, SIZE, CHUNK):
        for item in data.make((first, first + CHUNK), SEED, SIZE, data.held_out):
            if item["right"] and item["problem"] not in seen and len(kept) < count:
                seen.add(item["problem"])
                kept.append(item)
        if len(kept) == count:
            break
    assert len(kept) == count and not shipped() & {item["problem"] for item in kept}
    out.write_text("".join(json.dumps({"problem": i["problem"], "answer": i["answer"]}, ensure_ascii=False) + "\n" for i in kept))
    print(f"{out}: {count} problems of {first + CHUNK} drawn")


if __name__ == "__main__":
    main()
