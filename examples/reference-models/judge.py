"""How well a model ranks the samples of a question: its read-out at the end, and its likelihood, on dev questions.

    python judge.py prm3 orm --samples dev-samples.jsonl                 samples of the policy, by `engine.py`
    python judge.py orm revision_orm --chains chains-dev.jsonl           answers of the reviser, by `chains.py --out`
"""

import argparse
import json
from collections import defaultdict

import numpy as np
import torch
import torch.nn.functional as F

import settings
import train
from check import percent, within
from sample import Text, vote
from settings import BAD_ID, END_ID, GOOD_ID, work


def read(samples: str | None, chains: str | None) -> list[list[dict]]:
    """By question: answers with text, answer, correct, and the attempts that were seen."""
    found = defaultdict(list)
    for line in work(samples or chains).open():
        item = json.loads(line)
        for s in item["solutions"] if samples else [item]:
            found[item["problem"]].append({"problem": item["problem"], "attempts": item.get("attempts", []), **{k: s[k] for k in ("text", "answer", "correct")}})
    return list(found.values())


@torch.inference_mode()
def values(model, text: Text, answers: list[dict], sees: bool, batch: int = 48) -> dict[str, list[float]]:
    """By read-out. The likelihood is the engine's: log p(token) - log p(most likely), each step's first token left out."""
    direction = model.embedding.weight[GOOD_ID] - model.embedding.weight[BAD_ID]
    jobs = []
    for s in answers:
        prompt = text.encode(settings.revision_prompt(s["problem"], s["attempts"] if sees else []))
        jobs.append((len(prompt), prompt + text.encode(s["text"].rstrip("\n") + "\n")))
    order = sorted(range(len(jobs)), key=lambda i: len(jobs[i][1]))
    found = {"read-out": [0.0] * len(jobs), "likelihood": [0.0] * len(jobs)}
    for first in range(0, len(order), batch):
        chosen = order[first : first + batch]
        longest = max(len(jobs[i][1]) for i in chosen)
        tokens = torch.tensor([jobs[i][1] + [END_ID] * (longest - len(jobs[i][1])) for i in chosen])
        last, early = model(tokens, both=True)
        table = F.log_softmax(model.logits(early), -1)[:, :-1]
        margins = table.gather(-1, tokens[:, 1:, None])[..., 0] - table.amax(-1)
        for row, i in enumerate(chosen):
            start, ids = jobs[i]
            counted = [j for j in range(start, len(ids)) if j > start and ids[j - 1] != text.line_end]
            found["likelihood"][i] = margins[row, [j - 1 for j in counted]].sum().item()
            found["read-out"][i] = torch.sigmoid(last[row, len(ids) - 1] @ direction).item()
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("models", nargs="+")
    parser.add_argument("--samples")
    parser.add_argument("--chains")
    a = parser.parse_args()
    text, groups = Text(), read(a.samples, a.chains)
    flat = [s for group in groups for s in group]
    gold = [next((s["answer"] for s in group if s["correct"]), None) for group in groups]
    print(f"{len(groups)} questions, {len(flat)} answers, {100 * np.mean([s['correct'] for s in flat]):.1f} % right; "
          f"majority {percent([vote([s['answer'] for s in g], [1] * len(g)) == x and x is not None for g, x in zip(groups, gold)])}")
    for name in a.models:
        model = train.load(name)
        for sees in [False, True] if a.chains else [False]:
            for kind, all_values in values(model, text, flat, sees).items():
                ends = np.cumsum([len(g) for g in groups])[:-1]
                split = np.split(np.array(all_values), ends)
                right = [[s["correct"] for s in g] for g in groups]
                weighted = [vote([s["answer"] for s in g], np.exp(v - v.max()) if kind == "likelihood" else v) == x and x is not None
                            for g, v, x in zip(groups, split, gold)]
                best = [g[int(np.argmax(v))]["correct"] for g, v in zip(groups, split)]
                print(f"{name}, {kind}{', sees attempts' if sees else ''}: AUC within a question {within(zip(right, split)):.3f}, "
                      f"over all {within([(sum(right, []), all_values)]):.3f}; best {percent(best)}, weighted {percent(weighted)}", flush=True)


if __name__ == "__main__":
    main()
