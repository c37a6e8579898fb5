"""Figures of a policy and a verifier, by the recipe's own sampler, on questions that nothing was trained on.

    python check.py policy [prm] [--data dev.jsonl] [--limit 200] [--samples 16] [--temperature 0.8]
"""

import argparse
import json
import math
import time
from pathlib import Path

import numpy as np

import train
from sample import Text, answer_of, generate, step_values, vote
from settings import work


def percent(right: list[bool]) -> str:
    """With a 95 % interval (Wilson)."""
    n, p, z = len(right), sum(right) / len(right), 1.96
    middle, half = (p + z * z / 2 / n) / (1 + z * z / n), z * math.sqrt(p * (1 - p) / n + z * z / 4 / n / n) / (1 + z * z / n)
    return f"{100 * p:.1f} % ({100 * (middle - half):.1f} to {100 * (middle + half):.1f})"


def within(groups) -> float:
    """AUC inside a question: how often a right sample is valued above a wrong one of the same question."""
    shares = []
    for right, values in groups:
        r, v = np.array(right, bool), np.array(values)
        if r.any() and not r.all():
            good, bad = v[r][:, None], v[~r][None]
            shares.append(((good > bad) + 0.5 * (good == bad)).mean())
    return float(np.mean(shares)) if shares else float("nan")


def judge(prm, text, prompts, samples):
    """The value of every step, for all samples of all questions: the verifier reads each as whole lines."""
    bodies = [[text.decode(s).rstrip("\n") + "\n" for s in group] for group in samples]
    flat = [(p, text.encode(b)) for p, group in zip(prompts, bodies) for b in group]
    values = step_values(prm, [p + b for p, b in flat], [len(p) for p, _ in flat], text.line_end)
    n = len(samples[0])
    return [values[i : i + n] for i in range(0, len(values), n)]


def beam(policy, prm, text, prompts, budget, keep, temperature, seed):
    """Beam search as in the paper: `budget` steps sampled at every depth, `keep` prefixes survive."""
    states = [[(p, 0.0)] for p in prompts]
    done = [[] for _ in prompts]
    for depth in range(20):
        room = [budget - len(d) * (budget // keep) for d in done]
        jobs = []
        for q, beams in enumerate(states):
            for b, (prefix, _) in enumerate(beams):
                share = max(room[q], 0) // len(beams) + (b < max(room[q], 0) % len(beams))
                jobs += [(q, prefix)] * share
        if not jobs:
            break
        steps = generate(policy, [p for _, p in jobs], temperature, 80, stop=text.line_end, seed=seed * 100 + depth)
        children = [prefix + (s if s[-1] != 0 else s[:-1] + [text.line_end]) for (_, prefix), s in zip(jobs, steps)]
        scored = step_values(prm, children, [len(p) for _, p in jobs], text.line_end)
        found = [{} for _ in prompts]
        for (q, _), child, s, v in zip(jobs, children, steps, scored):
            if v:
                found[q][tuple(child)] = (v[-1], s[-1] == 0)
        for q, children in enumerate(found):
            ranked = sorted(children.items(), key=lambda c: -c[1][0])[: max(keep - len(done[q]), 0)]
            done[q] += [(list(c), v) for c, (v, end) in ranked if end]
            states[q] = [(list(c), v) for c, (v, end) in ranked if not end]
    return [vote([answer_of(text.decode(c)) for c, _ in d], [v for _, v in d]) for d in done]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("policy")
    parser.add_argument("prm", nargs="?")
    parser.add_argument("--data", default=str(work("dev.jsonl")))
    parser.add_argument("--limit", type=int, default=200)
    parser.add_argument("--samples", type=int, default=16)
    parser.add_argument("--temperature", type=float, default=0.8)
    parser.add_argument("--beam", action="store_true")
    parser.add_argument("--show", type=int, default=0)
    a = parser.parse_args()
    text, policy = Text(), train.load(a.policy)
    questions = [json.loads(line) for line in open(a.data)][: a.limit]
    gold = [float(q["answer"]) for q in questions]
    prompts = [text.prompt(q["problem"]) for q in questions]
    began, n = time.time(), a.samples
    kept = work(f"samples-{a.policy}-{Path(a.data).stem}-{a.limit}-{n}-{a.temperature}.json")  # the same for every verifier
    if not kept.exists():
        kept.write_text(json.dumps([generate(policy, prompts, 0), generate(policy, [p for p in prompts for _ in range(n)], a.temperature, seed=1)]))
    best, flat = json.loads(kept.read_text())
    greedy = [answer_of(text.decode(s)) for s in best]
    print(f"greedy            {percent([g == x for g, x in zip(gold, greedy)])}", flush=True)
    samples = [flat[i : i + n] for i in range(0, len(flat), n)]
    answers = [[answer_of(text.decode(s)) for s in group] for group in samples]
    right = [[x == g for x in group] for g, group in zip(gold, answers)]
    print(f"one sample        {100 * np.mean(right):.1f} %   (temperature {a.temperature})")
    print(f"majority of {n:<5} {percent([vote(x, [1] * n) == g for g, x in zip(gold, answers)])}")
    print(f"one of {n} right   {percent([any(r) for r in right])}")
    print(f"tokens a sample   {np.mean([len(s) for s in flat]):.0f}, without an answer {100 * np.mean([x is None for y in answers for x in y]):.1f} %, {time.time() - began:.0f} s", flush=True)
    for q, s in list(zip(questions, samples))[: a.show]:
        print(q["problem"], "\n--", q["answer"], "\n" + text.decode(s[0]), "\n")
    if a.prm:
        prm = train.load(a.prm)
        values = judge(prm, text, prompts, samples)
        last = [[v[-1] if v else 0.0 for v in group] for group in values]
        for k in (4, 16):
            k = min(k, n)
            print(f"PRM naive of {k:<4}  {percent([x[int(np.argmax(v[:k]))] == g for g, x, v in zip(gold, answers, last)])}")
            print(f"PRM weighted of {k:<2} {percent([vote(x[:k], v[:k]) == g for g, x, v in zip(gold, answers, last)])}")
        flat_right, flat_last = sum(right, []), sum(last, [])
        print(f"AUC over all {within([(flat_right, flat_last)]):.3f}, within a question {within(zip(right, last)):.3f}")
        if a.beam:
            for budget, keep in ((4, 2), (16, 4)):
                found = beam(policy, prm, text, prompts, budget, keep, a.temperature, 5)
                print(f"beam {budget}, {keep} survive {percent([f == g for f, g in zip(found, gold)])}", flush=True)


if __name__ == "__main__":
    main()
