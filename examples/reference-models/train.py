"""Trains one model, or goes on with it. Interrupted, the same command goes on from the last checkpoint.

    python train.py trunk --tokens 14                       a constant learning rate; keeps trunk-14M.pt
    python train.py policy --init trunk-14M --tokens 5 --decay
"""

import argparse
import json
import os
import time

import torch
import torch.nn.functional as F

import documents
import settings
from model import Llama
from optimizer import optimizers
from settings import BAD_ID, FAST, GOOD_ID, work

MILLION = 1_000_000


def losses(model, batch, verifier: bool):
    bias = batch["bias"].bfloat16() if FAST else batch["bias"]
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=FAST):
        last, early = model(batch["input"], bias, both=True)
        logits = model.logits(early).float()
    judged = logits.new_zeros(())
    if verifier:
        # The read-out is the difference of two logits; the language model's own loss leaves them alone.
        read_out = model.embedding.weight[GOOD_ID] - model.embedding.weight[BAD_ID]
        difference = last.float() @ read_out
        each = F.binary_cross_entropy_with_logits(difference, batch["mark"].clamp(min=0), reduction="none")
        judged = (each * batch["weigh"]).sum() / batch["weigh"].sum().clamp(min=1)
        logits = torch.cat([logits[..., :GOOD_ID], logits[..., GOOD_ID : BAD_ID + 1] - 1e4, logits[..., BAD_ID + 1 :]], -1)
    each = F.cross_entropy(logits.flatten(0, 1), batch["target"].flatten(), reduction="none")
    return (each * batch["read"].flatten()).sum() / batch["read"].sum().clamp(min=1), judged


# Threads that wait for one another spin; on cores that others use too, one thread outruns two by four times.
torch.set_num_threads(int(os.environ.get("REFERENCE_THREADS", "1")))


def save(path, **state):
    torch.save(state, path.with_suffix(".tmp"))
    os.replace(path.with_suffix(".tmp"), path)


def train(name, source, tokens, init=None, decay=False, verifier=False, scale=1.0, batch=8, shape="small",
          seed=0, warm=200, weight=1.0, keep=(), row=settings.ROW, validate=None):
    """`source(cursor)` yields documents; `keep` names the millions of tokens at which a checkpoint stays.

    `validate(model)`: called at the start and every million tokens; what it returns goes into the log.
    """
    torch.manual_seed(seed)
    model = Llama(settings.SHAPES[shape])
    tools = optimizers(model)
    state = {"tokens": 0, "cursor": 0, "minutes": 0.0}
    path = work(f"{name}.pt")
    if path.exists() or init:
        loaded = torch.load(path if path.exists() else work(f"{init}.pt"), weights_only=False)
        grown = loaded["shape"] != shape
        model.grow(loaded["model"])
        for tool, saved in zip(tools, [] if grown else loaded["optimizers"]):
            full = [g["full_lr"] for g in tool.param_groups]
            tool.load_state_dict(saved)
            for g, lr in zip(tool.param_groups, full):
                g["full_lr"] = lr
        if path.exists():
            state = loaded["state"]
        elif loaded["state"].get("source") == getattr(source, "__name__", ""):
            state["cursor"] = loaded["state"]["cursor"]
    state["source"] = getattr(source, "__name__", "")
    rows = documents.Rows(source(state["cursor"]), batch, row=row)
    step_losses = torch.compile(losses)
    per_step, began, shown = batch * row, time.time(), [0.0, 0.0, 0]
    first, before = state["tokens"], state["minutes"]
    goal = tokens * MILLION
    cursor = state["cursor"]

    def look():
        if validate:
            line = {"name": name, "tokens": state["tokens"], **validate(model)}
            with work(f"{name}-validation.jsonl").open("a") as out:
                out.write(json.dumps(line) + "\n")
            print(f"{name}: validation {line}", flush=True)

    if not state["tokens"]:
        look()
    while state["tokens"] < goal:
        step = state["tokens"] // per_step
        share = min(1.0, (step + 1) / warm)
        if decay:
            share = min(share, max(0.02, 1 - state["tokens"] / goal))
        for tool in tools:
            for g in tool.param_groups:
                g["lr"] = g["full_lr"] * share * scale
        language, judged = step_losses(model, rows.next(), verifier)
        (language + weight * judged).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for tool in tools:
            tool.step()
            tool.zero_grad(set_to_none=True)
        earlier = state["tokens"] // MILLION
        state["tokens"] += per_step
        state["cursor"] = cursor + rows.used
        state["minutes"] = before + (time.time() - began) / 60
        shown = [shown[0] + language.item(), shown[1] + judged.item(), shown[2] + 1]
        million = state["tokens"] // MILLION
        if shown[2] == 80 or million > earlier:
            speed = (state["tokens"] - first) / (time.time() - began)
            left = (goal - state["tokens"]) / speed / 60
            print(f"{name}: {state['tokens'] / MILLION:.2f} of {tokens:g} M tokens, loss {shown[0] / shown[2]:.4f}"
                  + (f", verifier {shown[1] / shown[2]:.4f}" if verifier else "")
                  + f", {speed:,.0f} tokens/s, {left:.0f} min left", flush=True)
            shown = [0.0, 0.0, 0]
        if million > earlier or state["tokens"] >= goal:
            whole = dict(model=model.state_dict(), optimizers=[t.state_dict() for t in tools], state=state, shape=shape)
            save(path, **whole)
            look()
            if million in keep:
                save(work(f"{name}-{million}M.pt"), **whole)
    return model


def load(name) -> Llama:
    loaded = torch.load(work(f"{name}.pt"), weights_only=False)
    model = Llama(settings.SHAPES[loaded["shape"]])
    model.load_state_dict(loaded["model"])
    return model.eval()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("name")
    parser.add_argument("--init")
    parser.add_argument("--tokens", type=float, required=True, help="millions")
    parser.add_argument("--decay", action="store_true")
    parser.add_argument("--keep", type=int, nargs="*", default=[])
    parser.add_argument("--shape", default="small")
    parser.add_argument("--scale", type=float, default=1.0, help="of the learning rate")
    a = parser.parse_args()
    train(a.name, documents.plain, a.tokens, a.init, a.decay, keep=a.keep, shape=a.shape, scale=a.scale)
