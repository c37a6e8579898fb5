#!/usr/bin/env python3
"""Wall time of the same work, in process and through the same stock llama-server: Stratagem, a bare client, its_hub.

    compare.py PROGRAM [--problems 40] [--samples 64] [--slots 16] [--repeats 1] [--work FOLDER] [--json]

Two tables: self-consistency (N whole answers, the most frequent one wins), and beam search (N steps a round, the best 4 of
which are continued, judged by a program that reads arithmetic). Everything but PROGRAM comes from PyPI, by version. All rows
run one after the other on this machine, so nothing else should be running; each has a server of its own, because one
row's prompts in its cache would make the next one cheaper. Prints Markdown.
"""
import argparse
import json
import os
import pathlib
import statistics
import sys
import time

from judge import judge, own_list
from llama_server import Server
from processes import ROOT, python_with, run

HERE = pathlib.Path(__file__).resolve().parent
MODELS = ROOT / "Sources/ReferenceModels/Resources"
ITS_HUB = "1.2.0"
BUNDLE = """name = "compared"
step_delimiter = "\\n"
stop = ["<|end|>"]
context = 1024
[answers]
extract = "last-number"
equal = "numeric"
[template]
problem = "Question: {{problem}}\\nSolution:\\n"
[models.policy]
{source}
[models.prm]
function = "arithmetic"
kind = "prm"
"""
# Four steps are kept in each round: so does its_hub_beam.py.
STRATEGIES = {"self-consistency": "majority:temperature=1", "beam search": "beam-search:temperature=1,beam_width={quarter}"}


class Comparison:
    """One run of all rows."""

    def __init__(self, given):
        self.given = given
        self.work = pathlib.Path(given.work).resolve()
        self.work.mkdir(parents=True, exist_ok=True)
        self.plugin = judge(given.program, self.work)
        self.python = python_with(f"its_hub[lm]=={ITS_HUB}", self.work)

    def stratagem(self, kind: str, source: str) -> dict:
        """Its processor time is what its processes used."""
        given, bundle = self.given, self.work / "compared.toml"
        bundle.write_text(BUNDLE.format(source=source))
        strategy = STRATEGIES[kind].format(quarter=given.samples // 4)
        before, began = os.times(), time.monotonic()
        found = json.loads(run([given.program, "eval", "--bundle", bundle, "--data", given.data, "--limit", given.problems, "--strategy",
                                strategy, "--budget", given.samples, "--json", "--plugin-path", self.plugin], env=own_list(self.work)))
        seconds, after = time.monotonic() - began, os.times()
        cost = found["total_cost"]
        return {"seconds": seconds, "tokens": cost["tokens"], "prompts": cost["prompt_tokens"], "right": found["results"][0]["correct"],
                "client_seconds": after.children_user + after.children_system - before.children_user - before.children_system}

    def client(self, file: str, server: Server, flights: int, *more: str, python=sys.executable) -> dict:
        given = self.given
        told = run([python, HERE / file, server.url, given.data, "--problems", given.problems, "--samples", given.samples,
                    "--flights", flights, *more])
        # A library may print lines of its own before.
        return json.loads(told.splitlines()[-1])

    def row(self, name: str, job) -> dict:
        with Server(self.work, MODELS / "policy.gguf", self.given.slots) as server:
            before = server.counts()
            found = job(server)
            time.sleep(1)
            read, sampled = (after - at for after, at in zip(server.counts(), before))
        # The server counts what it has sampled; not every client does.
        return {"name": name, "tokens": sampled} | found | {"read": read, "decoded": sampled}

    def rows(self, kind: str) -> list[dict]:
        given = self.given
        flights = 2 * given.slots
        rows = [{"name": "Stratagem, in process"} | self.stratagem(kind, f'gguf = "{MODELS / "policy.gguf"}"')]
        jobs = {}
        if kind == "self-consistency":
            jobs["bare client of llama-server, streams"] = lambda server: self.client("bare_client.py", server, flights)
            jobs["bare client, whole answers"] = lambda server: self.client("bare_client.py", server, flights, "--whole")
        jobs["Stratagem, on that server"] = lambda server: self.stratagem(kind, f'endpoint = "{server.url}/v1"')
        file = "its_hub_client.py" if kind == "self-consistency" else "its_hub_beam.py"
        jobs[f"its_hub {ITS_HUB}, on that server"] = lambda server: self.client(file, server, given.samples, python=self.python)
        for name, job in jobs.items():
            rows.append(self.row(name, job))
            print(json.dumps(rows[-1]), file=sys.stderr)
        return rows


def table(runs: list[list[dict]]) -> str:
    """Medians over the repeats, with the range of the seconds. Ratios are to the first row on a server."""
    lines = ["| | seconds | ratio | right | sampled tokens | read and decoded by the server, of what is needed | client's processor time |",
             "|---|---:|---:|---:|---:|---:|---:|"]
    base = statistics.median(one[1]["seconds"] for one in runs)
    for index, row in enumerate(runs[0]):
        every = [one[index] for one in runs]
        seconds = [one["seconds"] for one in every]
        middle = statistics.median(seconds)
        # What a client needs: its own samples, and each prompt once.
        work = [(one["read"] + one["decoded"]) / (one["tokens"] + first[0]["prompts"]) for one, first in zip(every, runs) if "read" in one]
        spread = f" ({min(seconds):.1f} to {max(seconds):.1f})" if len(seconds) > 1 else ""
        own = statistics.median(one["client_seconds"] for one in every)
        lines.append(f"| {row['name']} | {middle:.1f}{spread} | {middle / base:.3g} | {row['right']} | {row['tokens']:,} | "
                     f"{f'{statistics.median(work):.3f}' if work else '–'} | {own:.1f} s |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=lambda word: str(pathlib.Path(word).resolve()))
    parser.add_argument("--problems", type=int, default=40)
    parser.add_argument("--samples", type=int, default=64)
    parser.add_argument("--slots", type=int, default=16)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--kinds", default=",".join(STRATEGIES))
    parser.add_argument("--data", default=str(MODELS / "test-500.jsonl"))
    parser.add_argument("--work", default=str(ROOT / ".build/peers"))
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    comparison = Comparison(given)
    runs = {kind: [comparison.rows(kind) for _ in range(given.repeats)] for kind in given.kinds.split(",")}
    if given.json:
        print(json.dumps(runs))
    else:
        print("\n\n".join(f"{kind}\n\n{table(one)}" for kind, one in runs.items()))


if __name__ == "__main__":
    main()
