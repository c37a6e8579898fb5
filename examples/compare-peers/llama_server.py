"""A stock llama-server on loopback, and its own counters."""
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request

from processes import ROOT, run

TEMPLATE = "Question: {{ messages[-1]['content'] }}\nSolution:\n"


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

    def counts(self) -> tuple[int, int]:
        """Tokens of prompts that it has read, and tokens that it has sampled, by its own counters."""
        with urllib.request.urlopen(self.url + "/metrics", timeout=30) as answer:
            text = answer.read().decode()
        return tuple(int(float(re.search(rf"^llamacpp:{name} (\S+)$", text, re.M)[1])) for name in ("prompt_tokens_total", "tokens_predicted_total"))

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
