#!/usr/bin/env python3
"""Runs a command and prints how much memory it took, with all processes that it started.

    examples/measure-memory.py [--every SECONDS] COMMAND ...

At the end, on standard error: the most that was resident at once (the sum of VmRSS, looked at every
20 ms), the sum of the processes' own peaks (VmHWM), the time that it took. With --every, a line of
what is resident now and then, to see what grows.
"""
import os
import subprocess
import sys
import time


def status(pid):
    """The fields of /proc/PID/status that end in kB, in bytes; none if the process is gone."""
    try:
        with open(f"/proc/{pid}/status") as file:
            fields = (line.split() for line in file)
            return {field[0].rstrip(":"): int(field[1]) * 1024 for field in fields if field[-1] == "kB"}
    except (FileNotFoundError, ProcessLookupError):
        return {}


def family(root):
    """The process and all below it."""
    parents = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat") as file:
                    parents[int(name)] = int(file.read().rpartition(")")[2].split()[1])
            except (FileNotFoundError, ProcessLookupError):
                pass
    found = {root}
    while True:
        more = {pid for pid, parent in parents.items() if parent in found} - found
        if not more:
            return found
        found |= more


def main():
    arguments = sys.argv[1:]
    every = None
    if arguments[:1] == ["--every"] and len(arguments) > 2:
        every, arguments = float(arguments[1]), arguments[2:]
    if not arguments or arguments[0].startswith("-"):
        sys.exit(__doc__)
    start = time.monotonic()
    process = subprocess.Popen(arguments)
    resident = peaks = looks = 0
    shown, members = start, {process.pid}
    while process.poll() is None:
        # Who belongs to it changes seldom, and /proc takes long to read.
        if looks % 5 == 0:
            members = family(process.pid)
        looks += 1
        found = [status(pid) for pid in members]
        now = sum(one.get("VmRSS", 0) for one in found)
        resident = max(resident, now)
        peaks = max(peaks, sum(one.get("VmHWM", 0) for one in found))
        if every and time.monotonic() - shown >= every:
            shown = time.monotonic()
            print(f"{shown - start:8.1f} s  {now / 1e6:8.1f} MB", file=sys.stderr)
        time.sleep(0.02)
    seconds = time.monotonic() - start
    print(f"resident at once {resident / 1e6:.1f} MB, peaks of all processes {peaks / 1e6:.1f} MB, {seconds:.1f} s", file=sys.stderr)
    sys.exit(process.returncode if process.returncode >= 0 else 128 - process.returncode)


if __name__ == "__main__":
    main()
