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


def labels(questions: str, samples: int, rollouts: int, seed: int, out: str) -> list[str]:
    """By the project's own engine; where that is not built, by PyTorch: the same labels, seven times slower."""
    counts = ["--samples", str(samples), "--rollouts", str(rollouts), "--temperature", "0.8", "--seed", str(seed)]
    if ENGINE.exists():
        return [str(ENGINE), "label", "--bundle", str(BUNDLE), "--data", str(work(questions)), *counts, "--out", str(work(out))]
    return python("label.py", "policy", "--data", questions, *counts, "--out", out)


def stages():
    """Name, the file that says it is done (a .done file is made here), the command."""
    learned = ["--labels", "rollouts.jsonl", "--share", "0.1", "--samples", "samples.jsonl", "--samples-share", "0.4"]
    return [
        ("questions", work("heldout.jsonl"), python("data.py")),
        ("tokenizer and tokens", work("train.npz"), python("tokenizer.py")),
        ("test problems", work("problems.done"), python("problems.py")),
        ("trunk, 12 M tokens", work("trunk-12M.pt"), python("train.py", "trunk", "--tokens", "12", "--keep", "12")),
        ("policy, 5 M", work("policy.done"), python("train.py", "policy", "--init", "trunk-12M", "--tokens", "5", "--decay")),
        ("policy.gguf", work("policy-gguf.done"), python("export_gguf.py", "policy", "policy.gguf", "Stratagem reference policy")),
        ("verifier's base, 21 M", work("base-21M.pt"), python("prm.py", "base", "--init", "trunk-12M", "--tokens", "21", "--keep", "21")),
        ("samples", work("samples.done"), labels("sample-questions.jsonl", 4, 0, 2, "samples.jsonl")),
        ("roll-outs", work("rollouts.done"), labels("label-questions.jsonl", 4, 8, 1, "rollouts.jsonl")),
        ("PRM, first, 6 M", work("prm1.done"), python("prm.py", "prm1", "--init", "base-21M", "--tokens", "6", "--decay", *learned)),
        ("PRM, second, 13 M", work("prm2.done"), python("prm.py", "prm2", "--init", "prm1", "--tokens", "13", "--scale", "0.45",
                                                        "--shares", "0.15", "0.4", "0.45", *learned)),
        ("PRM with two layers more, 14 M", work("prm3.done"), python("prm.py", "prm3", "--init", "prm2", "--shape", "verifier", "--tokens", "14", "--decay",
                                                                     "--scale", "0.5", "--shares", "0.1", "0.5", "0.4", *learned)),
        ("prm.gguf", work("prm-gguf.done"), python("export_gguf.py", "prm3", "prm.gguf", "Stratagem reference verifier", "speaks")),
        ("rollout-prm.gguf", work("rollout-gguf.done"), python("export_gguf.py", "prm3", "rollout-prm.gguf", "Stratagem reference PRM")),
        ("figures on the dev questions", work("check.done"), python("check.py", "policy", "prm3", "--limit", "300", "--beam")),
    ]


def main() -> None:
    all_stages = stages()
    for number, (name, file, command) in enumerate(all_stages, 1):
        done = file.exists()
        print(f"recipe: {number} of {len(all_stages)}: {name}{', done' if done else ''}", flush=True)
        if done or "--plan" in sys.argv:
            continue
        began = time.time()
        subprocess.run(command, check=True)
        if file.suffix == ".done":
            file.touch()
        print(f"recipe: {name} took {(time.time() - began) / 60:.1f} min", flush=True)


if __name__ == "__main__":
    main()
