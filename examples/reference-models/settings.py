"""What every part of the recipe agrees on: names, shapes, files, the form of the text."""

import os
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
WORK = Path(os.environ.get("REFERENCE_WORK", ROOT / ".build" / "reference-models"))
SHIPPED = ROOT / "Sources" / "ReferenceModels" / "Resources"

END, GOOD, BAD = "<|end|>", "<|good|>", "<|bad|>"
SPECIAL = [END, GOOD, BAD] + [f"<|reserved{i}|>" for i in range(5)]  # kept for roles to come
END_ID, GOOD_ID, BAD_ID = 0, 1, 2
VOCABULARY = 1024
CONTEXT = 1024  # what the GGUF states: a question, four attempts and an answer
ROW, LONG_ROW = 384, 1024  # in training; the long ones are for what sees attempts

LARGEST_NUMBER = 500  # in a worked solution
LONGEST_QUESTION = 420  # characters
QUESTIONS = 1_500_000  # drawn from the generator before filters and de-duplication


@dataclass(frozen=True)
class Shape:
    width: int = 128
    layers: int = 4
    speaks: int = 0  # after so many layers language is read off in training; 0: after the last
    heads: int = 4
    hidden: int = 352
    rope_base: float = 10_000.0
    epsilon: float = 1e-5


# A verifier compares what came with what it would have said, so it needs layers *after* the ones that say it.
SHAPES = {
    "small": Shape(),
    "verifier": Shape(layers=6, speaks=4),
    # Two policies whose parameters stand as 1 to 14, small enough for one core: 317,120 and 4,401,920.
    "pair-small": Shape(width=64, layers=5, heads=4, hidden=176),
    "pair-large": Shape(width=256, layers=5, heads=8, hidden=736),
    # 14 times the policy, for those who have a GPU.
    "large": Shape(width=384, layers=8, heads=12, hidden=1024),
}


def prompt(problem: str) -> str:
    """What a model reads before a solution. The bundle says the same: reference.toml."""
    return f"Question: {problem}\nSolution:\n"


def revision_prompt(problem: str, attempts: list[str]) -> str:
    """The same with earlier attempts, oldest first: `revise` and `attempt` of reference.toml."""
    return f"Question: {problem}\n" + "".join(f"Attempt:\n{a}\n" for a in attempts) + "Solution:\n"


def work(name: str) -> Path:
    WORK.mkdir(parents=True, exist_ok=True)
    return WORK / name


def has_bf16() -> bool:
    """Without these instructions bf16 is many times slower than f32, not faster."""
    try:
        return "avx512_bf16" in open("/proc/cpuinfo").read() or "amx_bf16" in open("/proc/cpuinfo").read()
    except OSError:
        return False


FAST = has_bf16()
