"""The whole recipe in order. A stage whose file is there is passed by, so it can be interrupted anywhere.

    python recipe.py          everything
    python recipe.py --plan   what is done and what is to do
"""

import os
import subprocess
import sys
import time
from pathlib import Path

import settings
from settings import SHIPPED, work

ENGINE = Path(os.environ.get("STRATAGEM", settings.ROOT / ".build" / "release" / "stratagem"))
BUNDLE = SHIPPED / "reference.toml"


def python(*arguments: str) -> list[str]:
    return [sys.executable, "-u", str(settings.HERE / arguments[0]), *arguments[1:]]


def engine_labels() -> list[str]:
    """Roll-outs by the project's own engine; where it is not built, by PyTorch: the same labels, slower."""
    if ENGINE.exists():
        return [str(ENGINE), "label", "--bundle", str(BUNDLE), "--data", str(work("label-questions.jsonl")),
                "--samples", "4", "--rollouts", "8", "--temperature", "0.8", "--seed", "1", "--out", str(work("rollouts.jsonl"))]
    return python("label.py", "policy", "--questions", "1500", "--samples", "4", "--rollouts", "8", "--seed", "1", "--out", "rollouts.jsonl")


STAGES = [  # name, the file that says it is done, the command
    ("questions", work("heldout.jsonl"), python("data.py")),
    ("tokenizer and tokens", work("train.npz"), python("tokenizer.py")),
    ("test problems", SHIPPED / "test-500.jsonl", python("problems.py")),
    ("trunk", work("trunk-12M.pt"), python("train.py", "trunk", "--tokens", "12", "--keep", "12")),
    ("policy", work("policy.done"), python("train.py", "policy", "--init", "trunk-12M", "--tokens", "5", "--decay")),
    ("policy.gguf", work("policy-gguf.done"), python("export_gguf.py", "policy", "policy.gguf", "Stratagem reference policy")),
]


def main() -> None:
    for number, (name, file, command) in enumerate(STAGES, 1):
        done = file.exists()
        print(f"recipe: {number} of {len(STAGES)}: {name}{', done' if done else ''}", flush=True)
        if done or "--plan" in sys.argv:
            continue
        began = time.time()
        subprocess.run(command, check=True)
        if file.suffix == ".done":
            file.touch()
        print(f"recipe: {name} took {(time.time() - began) / 60:.1f} min", flush=True)


if __name__ == "__main__":
    main()
