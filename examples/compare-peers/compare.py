#!/usr/bin/env python3
"""Wall time of the same work, in process and through the same stock llama-server: Stratagem, a bare client, its_hub.

    compare.py PROGRAM [--problems 40] [--samples 64] [--slots 16] [--repeats 1] [--work FOLDER] [--json]

Everything but PROGRAM comes from PyPI, by version. All rows run one after the other on this machine, so nothing else
should be running. Prints a table in Markdown; the first row is 1.
"""
import argparse
import json
import os
import pathlib
import re
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
MODELS = ROOT / "Sources/ReferenceModels/Resources"
ITS_HUB = "1.2.0"
TEMPLATE = "Question: {{ messages[-1]['content'] }}\nSolution:\n"
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
"""


def run(command: list, **more) -> str:
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)
    if done.returncode != 0:
        sys.exit(f"compare: {' '.join(str(word) for word in command)[:200]}: status {done.returncode}\n{(done.stderr or done.stdout)[-2000:]}")
    return done.stdout


def python_with(package: str, work: pathlib.Path) -> pathlib.Path:
    """A Python of its own with a package from PyPI, by version."""
    python = work / re.sub(r"[^\w.]+", "-", package) / "bin/python"
    if not python.exists():
        run([sys.executable, "-m", "venv", python.parents[1]])
        run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", package])
    return python


class Server:
    """A stock llama-server with its default cache and so many slots. Sampling is switched to the model's own
    distribution, because its_hub sends a temperature and nothing else."""

    def __init__(self, work: pathlib.Path, model: pathlib.Path, slots: int):
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            port = one.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        template = work / "template.jinja"
        template.write_text(TEMPLATE)
        script = ROOT / "Tests/EndpointBackendTests/llama-server.sh"
        run(["sh", script, "fetch"])
        command = ["sh", script, "run", "--", "--model", model, "--host", "127.0.0.1", "--port", port, "--ctx-size", 1024 * slots,
                   "--parallel", slots, "--device", "none", "--no-webui", "--metrics", "--jinja", "--chat-template-file", template,
                   "--temp", 1, "--top-k", 0, "--top-p", 1, "--min-p", 0, "--repeat-penalty", 1, "--predict", 900]
        self.log = (work / "llama-server.log").open("w")
        self.process = subprocess.Popen([str(word) for word in command], stdin=subprocess.PIPE, stdout=self.log, stderr=self.log,
                                        start_new_session=True)
        end = time.time() + 300
        while not self.answers():
            if self.process.poll() is not None or time.time() > end:
                sys.exit(f"compare: llama-server does not start: {self.log.name}")
            time.sleep(0.3)

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(self.url + "/health", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def decoded(self) -> int:
        """Tokens that it has read and sampled so far, by its own counters."""
        with urllib.request.urlopen(self.url + "/metrics", timeout=30) as answer:
            text = answer.read().decode()
        return sum(int(float(re.search(rf"^llamacpp:{name} (\S+)$", text, re.M)[1])) for name in ("prompt_tokens_total", "tokens_predicted_total"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for kind in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, kind)
            except ProcessLookupError:
                break
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                pass


def stratagem(program: str, bundle: pathlib.Path, given, extra: list) -> dict:
    """`eval` of majority; its own processor time is what its processes used."""
    before = os.times()
    began = time.monotonic()
    found = json.loads(run([program, "eval", "--bundle", bundle, "--data", given.data, "--limit", given.problems, "--strategy", "majority",
                            "--budget", given.samples, "--json", *extra]))
    seconds, after = time.monotonic() - began, os.times()
    cost, cell = found["total_cost"], found["results"][0]
    return {"seconds": seconds, "client_seconds": after.children_user + after.children_system - before.children_user - before.children_system,
            "requests": given.problems * given.samples, "tokens": cost["tokens"], "needed": cost["tokens"] + cost["prompt_tokens"],
            "right": cell["correct"]}


def measured(server: Server, work) -> dict:
    before = server.decoded()
    found = work()
    time.sleep(1)
    return found | {"decoded": server.decoded() - before}


def compare(given) -> list[dict]:
    work = pathlib.Path(given.work).resolve()
    work.mkdir(parents=True, exist_ok=True)
    model = MODELS / "policy.gguf"
    python = python_with(f"its_hub[lm]=={ITS_HUB}", work)
    common = ["--problems", given.problems, "--samples", given.samples]
    bundles = {}

    def bundle(name: str, source: str) -> pathlib.Path:
        bundles[name] = work / f"{name}.toml"
        bundles[name].write_text(BUNDLE.format(source=source))
        return bundles[name]

    local = bundle("in-process", f'gguf = "{model}"')
    rows = [{"name": "Stratagem, in process"} | stratagem(given.program, local, given, [])]
    with Server(work, model, given.slots) as server:
        remote = bundle("endpoint", f'endpoint = "{server.url}/v1"')

        def bare(*more: str) -> dict:
            return json.loads(run([sys.executable, HERE / "bare_client.py", server.url, given.data, *common, "--flights", 2 * given.slots, *more]))

        jobs = {
            "bare client of llama-server, streams": bare,
            "bare client, whole answers": lambda: bare("--whole"),
            "Stratagem, on that server": lambda: stratagem(given.program, remote, given, []),
            f"its_hub {ITS_HUB}, on that server": lambda: json.loads(run(
                [python, HERE / "its_hub_client.py", server.url, given.data, *common, "--flights", given.samples])),
        }
        for name, job in jobs.items():
            rows.append({"name": name} | measured(server, job))
    return rows


def table(runs: list[list[dict]]) -> str:
    """Medians over the repeats, with the range of the seconds."""
    lines = ["| | seconds | times the bare client | right | sampled tokens | decoded by the server, of what is needed | client's processor time a request |",
             "|---|---|---|---|---|---|---|"]
    needed = statistics.median(one[3]["needed"] for one in runs)
    sampled = statistics.median(one[3]["tokens"] for one in runs)
    base = statistics.median(one[1]["seconds"] for one in runs)
    for index, row in enumerate(runs[0]):
        every = [one[index] for one in runs]
        seconds = [one["seconds"] for one in every]
        middle = statistics.median(seconds)
        # What a client needs: its own samples, and each prompt once.
        decoded = statistics.median(one["decoded"] / (needed - sampled + one["tokens"]) for one in every) if "decoded" in row else None
        spread = f" ({min(seconds):.1f} to {max(seconds):.1f})" if len(seconds) > 1 else ""
        micro = statistics.median(one["client_seconds"] / one["requests"] for one in every) * 1e6
        lines.append(f"| {row['name']} | {middle:.1f}{spread} | {middle / base:.3g} | {row['right']} | {row['tokens']:,} | "
                     f"{'–' if decoded is None else f'{decoded:.3f}'} | {'–' if index == 0 else f'{micro:.0f} µs'} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--problems", type=int, default=40)
    parser.add_argument("--samples", type=int, default=64)
    parser.add_argument("--slots", type=int, default=16)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--data", default=str(MODELS / "test-500.jsonl"))
    parser.add_argument("--work", default=str(ROOT / ".build/peers"))
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    runs = [compare(given) for _ in range(given.repeats)]
    print(json.dumps(runs) if given.json else table(runs))


if __name__ == "__main__":
    main()
