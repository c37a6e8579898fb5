#!/usr/bin/env python3
"""Puts load on `stratagem serve`, and measures `stratagem eval` on the same problems before and after.

    examples/measure-serve.py [--program FILE] [--clients 64] [--minutes 10] [--strategy best-of-n] [--budget 16]
                              [--data FILE] [--problems 500]

Every client sends one problem after the other over a connection of its own, each problem with a new seed; the problems are those of
the evals. It prints problems a second of both, the times to an answer (median, 99th percentile, the longest), and the server's
resident memory, processes that it starts included, minute by minute. Any answer but 200 is counted, and the first one is shown.
Needs nothing but Python.
"""
import argparse
import asyncio
import collections
import importlib.util
import json
import pathlib
import re
import signal
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
SPEC = importlib.util.spec_from_file_location("measure_memory", HERE / "measure-memory.py")
memory = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(memory)


def evaluated(given, problems):
    """Problems a second of an eval, from its own clock: loading the models is not part of it."""
    begun = time.monotonic()
    done = subprocess.run(
        [given.program, "eval", "--data", given.data, "--limit", str(problems), "--strategy", given.strategy,
         "--budget", given.budget, "--json"], stdout=subprocess.PIPE, check=True)
    seconds = time.monotonic() - begun
    cell = json.loads(done.stdout)["results"][0]
    return problems / seconds, cell["accuracy"]


class Load:
    def __init__(self, given, port, texts):
        self.given, self.port, self.texts = given, port, texts
        self.end = time.monotonic() + given.minutes * 60
        self.next = 0
        self.times, self.statuses, self.first_failure = [], collections.Counter(), None

    async def client(self):
        reader = writer = None
        while time.monotonic() < self.end:
            index, self.next = self.next, self.next + 1
            body = json.dumps({
                "model": f"{self.given.strategy}@{self.given.budget}", "seed": index // len(self.texts),
                "messages": [{"role": "user", "content": self.texts[index % len(self.texts)]}],
            }).encode()
            begun = time.monotonic()
            try:
                if writer is None:
                    reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 24)
                writer.write(b"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: application/json\r\n"
                             b"Content-Length: %d\r\n\r\n" % (self.port, len(body)) + body)
                head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
                size = re.search(r"content-length: (\d+)", head)
                answer = await reader.readexactly(int(size.group(1)))
                status = int(head.split()[1])
            except (OSError, asyncio.IncompleteReadError, AttributeError) as error:
                status, answer, head = type(error).__name__, b"", "connection: close"
            self.statuses[status] += 1
            if status != 200 and self.first_failure is None:
                self.first_failure = f"{status} {answer[:400]!r}"
            self.times.append(time.monotonic() - begun)
            if writer and "connection: close" in head:
                writer.close()
                writer = None

    async def run(self):
        await asyncio.gather(*(self.client() for _ in range(self.given.clients)))


async def watched(load, pid, lines):
    """The load, while the server's memory is looked at every second."""
    async def watch():
        begun, most, minute = time.monotonic(), 0, 0
        while True:
            await asyncio.sleep(1)
            now = sum(memory.status(one).get("VmRSS", 0) for one in memory.family(pid))
            most = max(most, now)
            if time.monotonic() - begun >= 60 * (minute + 1):
                minute += 1
                lines.append((minute, now, most))
                print(f"minute {minute}: {now / 1e6:.1f} MB (at most {most / 1e6:.1f} so far), "
                      f"{len(load.times)} answers", flush=True)

    watcher = asyncio.create_task(watch())
    await load.run()
    watcher.cancel()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=str(HERE.parent / ".build/release/stratagem"))
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--strategy", default="best-of-n")
    parser.add_argument("--budget", default="16")
    parser.add_argument("--data", default=str(HERE.parent / "Sources/ReferenceModels/Resources/test-500.jsonl"))
    parser.add_argument("--problems", type=int, default=500)
    given = parser.parse_args()
    with open(given.data) as file:
        texts = [json.loads(line)["problem"] for line in list(file)[:given.problems]]
    before = evaluated(given, len(texts))
    print(f"eval before: {before[0]:.2f} problems a second, accuracy {before[1]}", flush=True)
    server = subprocess.Popen([given.program, "serve", "--port", "0"], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    port = None
    while port is None:
        line = server.stderr.readline() + ("" if server.poll() is None else server.stdout.read())
        if not line:
            sys.exit("the server did not start")
        found = re.search(r"serves at http://[^ ]*:(\d+)", line)
        port = int(found.group(1)) if found else None
    # Its log goes nowhere, as a full pipe would stop it.
    drain = subprocess.Popen(["cat"], stdin=server.stderr, stdout=subprocess.DEVNULL)
    load, lines = Load(given, port, texts), []
    begun = time.monotonic()
    asyncio.run(watched(load, server.pid, lines))
    rate = len(load.times) / (time.monotonic() - begun)
    server.send_signal(signal.SIGTERM)
    status = server.wait(60)
    drain.wait()
    after = evaluated(given, len(texts))
    print(f"eval after: {after[0]:.2f} problems a second")
    share = rate / statistics.mean([before[0], after[0]])
    times = sorted(load.times)
    print(f"serve, {given.clients} clients, {given.minutes:g} minutes: {rate:.2f} problems a second, {share:.2f} of eval; "
          f"p50 {times[len(times) // 2]:.2f} s, p99 {times[len(times) * 99 // 100]:.2f} s, longest {times[-1]:.2f} s; "
          f"answers by status {dict(load.statuses)}; the server ended with {status}")
    if load.first_failure:
        print("the first failure:", load.first_failure)
    if len(lines) > 1:
        print(f"memory: {lines[0][2] / 1e6:.1f} MB at most in the first minute, {lines[-1][2] / 1e6:.1f} MB at most in all")


main()
