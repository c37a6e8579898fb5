"""Samples, their steps labelled by roll-outs, in the JSON of `stratagem label`: for where the engine is not built.

    python label.py policy --data label-questions.jsonl --samples 4 --rollouts 8 --out rollouts.jsonl
"""

import argparse
import json

import train
from sample import Text, answer_of, generate
from settings import END_ID, work


def by_rollouts(policy, text, chunk, rollouts: int, temperature: float, seed: int) -> dict[tuple, float]:
    """The share of roll-outs from a prefix that end right; equal prefixes are rolled out once."""
    prefixes = {}
    for item, prompt, samples in chunk:
        for sample in samples:
            ends = [i + 1 for i, t in enumerate(sample) if t == text.line_end]
            for end in ends:
                prefixes[tuple(prompt + sample[:end])] = float(item["answer"])
    jobs = [p for p in prefixes for _ in range(rollouts)]
    ended = generate(policy, [list(p) for p in jobs], temperature, seed=seed)
    shares = dict.fromkeys(prefixes, 0.0)
    for prefix, tail in zip(jobs, ended):
        shares[prefix] += (answer_of(text.decode(list(prefix) + tail)) == prefixes[prefix]) / rollouts
    return shares


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("policy")
    parser.add_argument("--data", default="label-questions.jsonl")
    parser.add_argument("--samples", type=int, default=8)
    parser.add_argument("--rollouts", type=int, default=0)
    parser.add_argument("--temperature", type=float, default=0.8)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", default="labels.jsonl")
    a = parser.parse_args()
    text, policy = Text(), train.load(a.policy)
    items = [json.loads(line) for line in work(a.data).open()]
    path = work(a.out)
    done = sum(1 for _ in path.open()) if path.exists() else 0
    size = 48
    with path.open("a") as out:
        for first in range(done, len(items), size):
            chunk = items[first : first + size]
            prompts = [text.prompt(i["problem"]) for i in chunk]
            flat = generate(policy, [p for p in prompts for _ in range(a.samples)], a.temperature, seed=a.seed + first)
            samples = [flat[i : i + a.samples] for i in range(0, len(flat), a.samples)]
            shares = by_rollouts(policy, text, list(zip(chunk, prompts, samples)), a.rollouts, a.temperature, first) if a.rollouts else {}
            for item, prompt, group in zip(chunk, prompts, samples):
                solutions = []
                for sample in group:
                    said = text.decode(sample)
                    steps, answer = said.split("\n"), answer_of(said)
                    right = answer == float(item["answer"])
                    if a.rollouts:
                        ends = [i + 1 for i, t in enumerate(sample) if t == text.line_end]
                        labels = [shares[tuple(prompt + sample[:e])] for e in ends][: len(steps) - 1] + [float(right)]
                    else:
                        labels = [float(right)] * len(steps)
                    solutions.append({
                        "text": said, "answer": answer, "correct": right, "finished": sample[-1] == END_ID,
                        "steps": [{"text": s, "label": l, "rollouts": a.rollouts} for s, l in zip(steps, labels)],
                    })
                out.write(json.dumps({"problem": item["problem"], "answer": item["answer"], "solutions": solutions}) + "\n")
            out.flush()
            print(f"label: {first + len(chunk)}/{len(items)} questions", flush=True)


if __name__ == "__main__":
    main()
