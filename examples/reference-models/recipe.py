"""The whole recipe in order. A stage whose file is there is passed by, so it can be interrupted anywhere.

    python recipe.py          everything
    python recipe.py --plan   what is done and what is to do
"""

import subprocess
import sys
import time

import engine
import settings
from settings import work

PAIR_TRUNK, PAIR_FIRST, PAIR_SECOND = 5, 6, 9  # millions of tokens, of both models of the pair


def python(*arguments: str) -> list[str]:
    return [sys.executable, "-u", str(settings.HERE / arguments[0]), *map(str, arguments[1:])]


def labels(questions: str, samples: int, rollouts: int, seed: int, out: str) -> list[str]:
    """By the project's own engine; where that is not built, by PyTorch: such labels too, seven times slower."""
    counts = ["--data", questions, "--samples", samples, "--rollouts", rollouts, "--seed", seed, "--out", out]
    return python("engine.py", "policy.gguf", *counts) if engine.PROGRAM.exists() else python("label.py", "policy", "--temperature", 0.8, *counts)


def policies():
    return [
        ("trunk, 12 M tokens", work("trunk-12M.pt"), python("train.py", "trunk", "--tokens", 12, "--keep", 12)),
        ("policy, 5 M", work("policy.done"), python("train.py", "policy", "--init", "trunk-12M", "--tokens", 5, "--decay")),
        ("policy.gguf", work("policy-gguf.done"), python("export_gguf.py", "policy", "policy.gguf", "Stratagem reference policy")),
    ]


def process_verifiers():
    learned = ["--labels", "rollouts.jsonl", "--share", 0.1, "--samples", "samples.jsonl", "--samples-share", 0.4]
    return [
        ("verifier's base, 21 M", work("base-21M.pt"), python("prm.py", "base", "--init", "trunk-12M", "--tokens", 21, "--keep", 21)),
        ("samples", work("samples.done"), labels("sample-questions.jsonl", 4, 0, 2, "samples.jsonl")),
        ("roll-outs", work("rollouts.done"), labels("label-questions.jsonl", 4, 8, 1, "rollouts.jsonl")),
        ("PRM, first, 6 M", work("prm1.done"), python("prm.py", "prm1", "--init", "base-21M", "--tokens", 6, "--decay", *learned)),
        ("PRM, second, 13 M", work("prm2.done"), python("prm.py", "prm2", "--init", "prm1", "--tokens", 13, "--scale", 0.45,
                                                        "--shares", 0.15, 0.4, 0.45, *learned)),
        ("PRM with two layers more, 14 M", work("prm3.done"), python("prm.py", "prm3", "--init", "prm2", "--shape", "verifier", "--tokens", 14, "--decay",
                                                                     "--scale", 0.5, "--shares", 0.1, 0.5, 0.4, *learned)),
        ("prm.gguf", work("prm-gguf.done"), python("export_gguf.py", "prm3", "prm.gguf", "Stratagem reference verifier", "--speaks")),
        ("rollout-prm.gguf", work("rollout-gguf.done"), python("export_gguf.py", "prm3", "rollout-prm.gguf", "Stratagem reference PRM")),
        ("figures on the dev questions", work("check.done"), python("check.py", "policy", "prm3", "--limit", 300, "--beam")),
    ]


def revisions():
    return [
        ("samples to revise", work("revise-samples.done"), labels("revise-questions.jsonl", 16, 0, 5, "revise-samples.jsonl")),
        ("reviser, 12 M", work("reviser.done"), python("revise.py", "reviser", "--init", "policy",
                                                          "--samples", "revise-samples.jsonl", "samples.jsonl", "rollouts.jsonl", "--tokens", 12, "--decay")),
        ("reviser.gguf", work("reviser-gguf.done"), python("export_gguf.py", "reviser", "reviser.gguf", "Stratagem reference reviser")),
        ("the reviser's chains on dev", work("chains-dev.done"), python("chains.py", "reviser.gguf", "--data", "dev.jsonl", "--length", 8, "--report")),
    ]


def outcome_verifiers():
    return [
        ("ORM, 6 M", work("orm.done"), python("orm.py", "orm", "--init", "prm3", "--samples", "revise-samples.jsonl", "samples.jsonl", "--tokens", 6, "--decay")),
        ("orm.gguf", work("orm-gguf.done"), python("export_gguf.py", "orm", "orm.gguf", "Stratagem reference ORM")),
        ("revision-orm.gguf", work("revision-orm-gguf.done"),
         python("export_gguf.py", "orm", "revision-orm.gguf", "Stratagem reference verifier of revisions", "--speaks")),
        ("chains of the reviser", work("chains.jsonl"), python("chains.py", "reviser.gguf", "--data", "chain-questions.jsonl", "--length", 5, "--chains", 2,
                                                               "--out", "chains.jsonl")),
        ("ORM that sees attempts, 4 M", work("revision_orm.done"), python("orm.py", "revision_orm", "--init", "orm", "--chains", "chains.jsonl", "--tokens", 4, "--decay")),
        ("chain-orm.gguf", work("chain-orm-gguf.done"),
         python("export_gguf.py", "revision_orm", "chain-orm.gguf", "Stratagem reference verifier of chains", "--speaks")),
    ]


def pair():
    """The small one and the one 14 times larger, on the same documents."""
    stages = []
    for name, half in (("pair-large", ["--half"]), ("pair-small", [])):
        stages += [
            (f"{name}, trunk, {PAIR_TRUNK} M", work(f"{name}-trunk-{PAIR_TRUNK}M.pt"),
             python("train.py", f"{name}-trunk", "--shape", name, "--tokens", PAIR_TRUNK, "--keep", PAIR_TRUNK)),
            (f"{name}, {PAIR_FIRST} M", work(f"{name}1.done"),
             python("train.py", f"{name}1", "--shape", name, "--init", f"{name}-trunk-{PAIR_TRUNK}M", "--tokens", PAIR_FIRST, "--decay", "--scale", 0.6)),
            (f"{name}, {PAIR_SECOND} M more", work(f"{name}2.done"),
             python("train.py", f"{name}2", "--shape", name, "--init", f"{name}1", "--tokens", PAIR_SECOND, "--decay", "--scale", 0.5)),
            (f"{name}.gguf", work(f"{name}-gguf.done"), python("export_gguf.py", f"{name}2", f"{name}.gguf", f"Stratagem reference {name}", *half)),
        ]
    return stages


def stages():
    """Name, the file that says it is done (a .done file is made here), the command."""
    return [
        ("questions", work("heldout.jsonl"), python("data.py")),
        ("tokenizer and tokens", work("train.npz"), python("tokenizer.py")),
        ("problems", work("problems.done"), python("problems.py")),
        *policies(), *process_verifiers(), *revisions(), *outcome_verifiers(), *pair(),
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
