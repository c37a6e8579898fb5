"""A batched sampler and verifier read-out in PyTorch: for looking at a model before the engine has it."""

import re
from collections import defaultdict

import torch

import settings
import tokenizer as tok
from model import HIDDEN
from settings import BAD_ID, END_ID, GOOD_ID

ANSWER = re.compile(r"####\s*(-?[0-9][0-9,]*(?:\.[0-9]+)?)")


def answer_of(text: str) -> float | None:
    found = ANSWER.findall(text)
    return float(found[-1].replace(",", "")) if found else None


class Cache:
    """One layer's keys and values of all sequences, one column a position; prompts are padded on the left."""

    def __init__(self, batch, heads, size, length, dtype):
        self.k, self.v = (torch.zeros(batch, heads, length, size, dtype=dtype) for _ in range(2))
        self.at = 0

    def __call__(self, k, v):
        end = self.at + k.shape[2]
        self.k[:, :, self.at : end], self.v[:, :, self.at : end] = k, v
        self.at = end
        return self.k[:, :, :end], self.v[:, :, :end]

    def keep(self, rows):
        self.k, self.v = self.k[rows], self.v[rows]


def hide(hidden):
    return torch.zeros(hidden.shape).masked_fill(hidden, HIDDEN)


@torch.inference_mode()
def generate(model, prompts: list[list[int]], temperature=1.0, most=200, stop: int | None = None, batch=384, seed=0):
    """For every prompt (token ids) its continuation up to the end token, `stop` or `most` tokens."""
    random = torch.Generator().manual_seed(seed)
    results: list[list[int]] = [[] for _ in prompts]
    order = sorted(range(len(prompts)), key=lambda i: len(prompts[i]))
    for first in range(0, len(order), batch):
        alive = torch.tensor(order[first : first + batch])
        longest = max(len(prompts[i]) for i in alive)
        pad = torch.tensor([longest - len(prompts[i]) for i in alive])
        tokens = torch.tensor([[END_ID] * p + prompts[i] for i, p in zip(alive.tolist(), pad.tolist())])
        shape = model.shape
        room = min(longest + most, settings.CONTEXT)
        caches = [Cache(len(alive), shape.heads, shape.width // shape.heads, room, torch.float32) for _ in range(shape.layers)]
        column = torch.arange(longest)
        seen = (column[None, None, :] >= pad[:, None, None]) & (column[:, None] >= column[None, :])[None]
        seen = seen | torch.eye(longest, dtype=torch.bool)[None]
        positions = (column[None] - pad[:, None]).clamp(min=0)
        state = model(tokens, hide(~seen)[:, None], positions, caches)[:, -1]
        for at in range(longest, room + 1):
            logits = model.logits(state)
            if temperature == 0:
                chosen = logits.argmax(-1)
            else:
                sums = torch.softmax(logits / temperature, -1).cumsum(-1)
                drawn = torch.rand(len(sums), 1, generator=random) * sums[:, -1:]
                chosen = torch.searchsorted(sums, drawn).squeeze(1).clamp(max=sums.shape[1] - 1)
            for i, t in zip(alive.tolist(), chosen.tolist()):
                results[i].append(t)
            left = chosen != END_ID
            if stop is not None:
                left &= chosen != stop
            if at == room or not left.any():
                break
            if left.sum() < 0.8 * len(left):
                rows = left.nonzero().squeeze(1)
                alive, pad, chosen = alive[rows], pad[rows], chosen[rows]
                for c in caches:
                    c.keep(rows)
            state = model(chosen[:, None], hide(torch.arange(at + 1)[None] < pad[:, None])[:, None, None], (at - pad)[:, None], caches)[:, -1]
    for i, r in enumerate(results):
        ends = [j for j, t in enumerate(r) if t == END_ID or t == stop]
        results[i] = r[: ends[0] + 1] if ends else r
    return results


@torch.inference_mode()
def step_values(model, sequences: list[list[int]], starts: list[int], line_end: int, batch=64) -> list[list[float]]:
    """The verifier's value at every line end from `starts` on."""
    results: list[list[float]] = [[] for _ in sequences]
    order = sorted(range(len(sequences)), key=lambda i: len(sequences[i]))
    for first in range(0, len(order), batch):
        chosen = order[first : first + batch]
        longest = max(len(sequences[i]) for i in chosen)
        tokens = torch.tensor([sequences[i] + [END_ID] * (longest - len(sequences[i])) for i in chosen])
        hidden = model(tokens)
        weight = model.embedding.weight[GOOD_ID] - model.embedding.weight[BAD_ID]
        values = torch.sigmoid(hidden @ weight)
        for row, i in enumerate(chosen):
            at = [j for j in range(starts[i], len(sequences[i])) if sequences[i][j] == line_end]
            results[i] = values[row, at].tolist()
    return results


class Text:
    """Token ids of prompts and steps."""

    def __init__(self):
        self.tokenizer = tok.load()
        self.line_end = self.encode("\n")[0]

    def encode(self, text: str) -> list[int]:
        return self.tokenizer.encode(text, add_special_tokens=False).ids

    def prompt(self, problem: str) -> list[int]:
        return self.encode(settings.prompt(problem))

    def decode(self, ids) -> str:
        return self.tokenizer.decode([i for i in ids if i != END_ID], skip_special_tokens=False)


def vote(answers: list, weights: list[float]):
    """The answer with the largest sum of weights."""
    sums = defaultdict(float)
    for a, w in zip(answers, weights):
        if a is not None:
            sums[a] += w
    return max(sums, key=sums.get) if sums else None
