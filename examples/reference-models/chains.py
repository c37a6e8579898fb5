"""Chains of revisions by the project's engine: what the ORM for revisions learns from, and what the reviser is judged by.

    python chains.py reviser.gguf --data chain-questions.jsonl --length 5 --chains 4 --out chains.jsonl
    python chains.py reviser.gguf --data dev.jsonl --length 8 --chains 4 --report

Round by round: `stratagem label` samples once for every prompt, and a prompt shows the last four attempts of its chain.
"""

import argparse
import json
from pathlib import Path

import numpy as np

import engine
import settings
from revise import MOST_ATTEMPTS
from sample import Text
from settings import work

ROOM = 256  # tokens that a prompt leaves free for the answer


def sample(prompts: dict[str, str], count: int, model: str, temperature: float, seed: int, out: Path) -> dict[str, list[dict]]:
    """`count` samples of every prompt (prompt → the problem's answer), by prompt."""
    questions = out.with_suffix(".in")
    questions.write_text("".join(json.dumps({"problem": p, "answer": a}) + "\n" for p, a in prompts.items()))
    engine.label(model, questions, out, count, temperature=temperature, seed=seed, template=engine.READY, quiet=True)
    lines = map(json.loads, out.open())
    return {line["problem"]: line["solutions"] for line in lines}


def prompt_of(problem: str, attempts: list[str], text: Text) -> tuple[str, list[str]]:
    """The last attempts, as many as there is room for."""
    shown = attempts[-MOST_ATTEMPTS:]
    while True:
        prompt = settings.revision_prompt(problem, shown)
        if not shown or len(text.encode(prompt)) <= settings.CONTEXT - ROOM:
            return prompt, shown
        shown = shown[1:]


def run(model: str, questions: list[dict], length: int, chains: int, temperature: float, seed: int, folder: Path) -> list[list[dict]]:
    """For every chain its attempts, each with the ones that it saw."""
    folder.mkdir(exist_ok=True)
    text = Text()
    found = [(q, []) for q in questions for _ in range(chains)]
    for round in range(length):
        prompts = [prompt_of(q["problem"], [s["text"] for s in made], text) for q, made in found]
        answers = {p: q["answer"] for (p, _), (q, _) in zip(prompts, found)}
        results = sample(answers, chains if round == 0 else 1, model, temperature, seed + round, folder / f"round-{round}.jsonl")
        for i, ((prompt, shown), (q, made)) in enumerate(zip(prompts, found)):
            came = results[prompt][i % chains if round == 0 else 0]
            made.append({"problem": q["problem"], "attempts": shown, "text": came["text"], "correct": came["correct"], "answer": came["answer"]})
        print(f"chains: round {round + 1} of {length}, {100 * np.mean([m[-1]['correct'] for _, m in found]):.1f} % right", flush=True)
    return [made for _, made in found]


def report(found: list[list[dict]]) -> dict:
    right = np.array([[s["correct"] for s in chain] for chain in found])
    before, after = right[:, :-1], right[:, 1:]
    same = np.array([[a["answer"] == b["answer"] for a, b in zip(chain, chain[1:])] for chain in found])
    return {
        "chains": len(found),
        "right by position": [round(100 * x, 1) for x in right.mean(0)],
        "right so far": [round(100 * x, 1) for x in np.maximum.accumulate(right, 1).mean(0)],
        "right answers that the next revision breaks": round(100 * (before & ~after).sum() / max(1, before.sum()), 1),
        "wrong answers that it corrects": round(100 * (~before & after).sum() / max(1, (~before).sum()), 1),
        "answers that it repeats": round(100 * same.mean(), 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("model", help="a GGUF that ships")
    parser.add_argument("--data", required=True)
    parser.add_argument("--limit", type=int, default=100_000)
    parser.add_argument("--length", type=int, default=5)
    parser.add_argument("--chains", type=int, default=4)
    parser.add_argument("--temperature", type=float, default=0.8)
    parser.add_argument("--seed", type=int, default=31)
    parser.add_argument("--out")
    parser.add_argument("--report", action="store_true")
    a = parser.parse_args()
    questions = [json.loads(line) for line in work(a.data).open()][: a.limit]
    folder = work(f"chains-{Path(a.model).stem}-{Path(a.data).stem}-{len(questions)}-{a.chains}-{a.seed}")
    found = run(a.model, questions, a.length, a.chains, a.temperature, a.seed, folder)
    if a.out:
        work(a.out).write_text("".join(json.dumps(s) + "\n" for chain in found for s in chain))
    if a.report:
        print(json.dumps(report(found), indent=1))


if __name__ == "__main__":
    main()
