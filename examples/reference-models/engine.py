"""Samples and roll-outs by the project's own engine, `stratagem label`: seven times faster than PyTorch, and what ships is what samples.

    python engine.py policy.gguf --data label-questions.jsonl --samples 4 --rollouts 8 --seed 1 --out rollouts.jsonl

Needs `make build`, or STRATAGEM=/path/to/stratagem. Stopped, the same command goes on from what is in its file.
"""

import argparse
import os
import subprocess
from pathlib import Path

import settings
from settings import SHIPPED, work

PROGRAM = Path(os.environ.get("STRATAGEM", settings.ROOT / ".build" / "release" / "stratagem"))
# Of its own, so that no role is needed that is not made yet.
BUNDLE = """name = "sampling"
stop = ["<|end|>"]
context = {context}

[answers]
extract = "gsm8k"
equal = "numeric"

[template]
problem = {template}

[models.policy]
gguf = "{gguf}"
"""
PROBLEM = r'"Question: {problem}\nSolution:\n"'
READY = '"{problem}"'  # the problem is a whole prompt already


def label(model: str, data: Path, out: Path, samples: int, rollouts: int = 0, temperature: float = 0.8, seed: int = 0,
          template: str = PROBLEM, quiet: bool = False) -> None:
    """Writes a line a problem of `data` to `out`: `solutions`, each with text, answer, correct, steps."""
    bundle = work(f"sampling-{Path(model).stem}{'-ready' if template == READY else ''}.toml")
    bundle.write_text(BUNDLE.format(context=settings.CONTEXT, template=template, gguf=SHIPPED / model))
    command = [PROGRAM, "label", "--bundle", bundle, "--data", data, "--out", out, "--samples", samples, "--rollouts", rollouts,
               "--temperature", temperature, "--seed", seed, "--lanes", os.environ.get("REFERENCE_LANES", "1")]
    silent = subprocess.DEVNULL if quiet else None
    subprocess.run([str(c) for c in command], check=True, stdout=silent, stderr=silent)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("model", help="a GGUF that ships")
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--samples", type=int, required=True)
    parser.add_argument("--rollouts", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    a = parser.parse_args()
    label(a.model, work(a.data), work(a.out), a.samples, a.rollouts, seed=a.seed)


if __name__ == "__main__":
    main()
