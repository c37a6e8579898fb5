#!/usr/bin/env python3
"""Builds the same strategy in eleven languages against stratagem.h alone, and says what of each works.

    test.py PROGRAM [--level N] [--only go,nim] [--out FOLDER] [--page FILE]

Each is checked (`stratagem check`, at its default level unless --level says more), solves a problem, and runs on four lanes:
trusted, in the program's process, and isolated, in a worker. All must answer as the C example does. Then follow the builds
that a careful author would not make: `check` must find each of them. A language whose compiler is not installed is left
out, and the table says how to get it. --page puts the tables into a page, between its two marks.
"""
import argparse
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from languages import BROKEN, LANGUAGES

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BEGIN, END = "<!-- languages: made by `make test-languages` -->", "<!-- end of the languages -->"


class Workshop:
    def __init__(self, program, out, level):
        self.program, self.out, self.level = pathlib.Path(program).resolve(), out, level
        self.expected = None

    def build(self, name, command):
        """The plugin's path, and what the compiler said if there is none."""
        folder = self.out / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        plugin = folder / f"early-stop-{name}.so"
        names = {"src": HERE, "header": ROOT / "Sources/CStratagem/include", "work": folder, "so": plugin, "map": HERE / "exports.map"}
        done = subprocess.run(["bash", "-euc", command.format(**names)], cwd=folder, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, env={**os.environ, "GOCACHE": str(self.out / "go-cache"), "GO111MODULE": "off"})
        return plugin if done.returncode == 0 and plugin.exists() else None, done.stdout.strip()

    def run(self, plugin, *words, trusted=False):
        """Its exit status and what it printed. Whom it trusts, the user's own list does not say."""
        home = plugin.parent / ("trusting" if trusted else "home")
        home.mkdir(exist_ok=True)
        environment = {**os.environ, "HOME": str(home), "XDG_DATA_HOME": str(home / "data"), "XDG_CACHE_HOME": str(home / "cache")}
        try:
            done = subprocess.run([self.program, *map(str, words)], env=environment, text=True, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, timeout=900)
        except subprocess.TimeoutExpired:
            return "no end in 15 minutes", "", ""
        return done.returncode, done.stdout, done.stderr

    def check(self, plugin):
        level = ["--level", self.level] if self.level else []
        status, printed, said = self.run(plugin, "check", plugin, "--json", *level)
        try:
            report = json.loads(printed)[0]
        except (json.JSONDecodeError, IndexError):
            return {"failed": [f"exit status {status}: {last_line(said)}"], "warned": [], "counts": {}, "level": self.level, "seconds": 0}
        of = lambda *states: [one for one in report["results"] if one["status"] in states]
        return {"failed": sorted({one["check"] for one in of("failed", "crashed", "timed_out")}), "warned": [one["check"] for one in of("warning")],
                "counts": report["counts"], "level": report["level"], "seconds": sum(one["seconds"] or 0 for one in report["results"]),
                "details": [f"{one['check']}: {one['happened']}" for one in of("failed", "crashed", "timed_out", "warning")]}

    def study(self, plugin, trusted):
        """Fifty problems on four lanes, twice the answers: 'yes', or what was wrong."""
        if trusted:
            status, _, said = self.run(plugin, "trust", plugin, trusted=True)
            if status != 0:
                return f"cannot be trusted: {last_line(said)}"
        status, printed, said = self.run(plugin, "solve", "--example", 2, "--strategy", plugin, trusted=trusted)
        if status != 0:
            return died(status, said)
        status, printed, said = self.run(plugin, "eval", "--strategy", plugin, "--budget", 16, "--limit", 50, "--lanes", 4, "--json", trusted=trusted)
        if status != 0:
            return died(status, said)
        figures = answers(printed)
        if self.expected is None:
            self.expected = figures
        return "yes" if figures == self.expected else f"answers differ: {figures}, in C {self.expected}"


def answers(printed):
    """What must not depend on the language: right answers and tokens."""
    cell = json.loads(printed)["results"][0]
    return {"right": cell["correct"], "failed": cell["failed"], "tokens": cell["cost"]["tokens"]}


def last_line(text):
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return lines[-1].strip() if lines else "nothing said"


def died(status, said):
    return f"the program dies of {signal.Signals(-status).name}" if isinstance(status, int) and status < 0 else f"no: {last_line(said)}"


def checked(report):
    """A cell of the table: what was found."""
    if report["failed"]:
        shown = ", ".join(f"`{name}`" for name in report["failed"][:4])
        more = f" and {len(report['failed']) - 4} more" if len(report["failed"]) > 4 else ""
        return f"fails {shown}{more}"
    warned = f"; warns: {', '.join(f'`{name}`' for name in report['warned'])}" if report["warned"] else ""
    return f"passes{warned}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--level", type=int)
    parser.add_argument("--only", default="", help="some of the languages: go,nim")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / ".build/other-languages")
    parser.add_argument("--page", type=pathlib.Path)
    given = parser.parse_args()
    chosen = [word for word in given.only.split(",") if word]
    shop = Workshop(given.program, given.out.resolve(), given.level)
    begin = time.monotonic()
    c, said = shop.build("c", "cc -O2 -shared -fPIC -I{header} " + str(ROOT / "examples/early-stop/early_stop.c") + " -o {so}")
    if c is None or shop.study(c, trusted=False) != "yes":
        sys.exit(f"test-languages: even the C example does not work: {said}")
    rows, isBad, levels = [], False, set()
    for one in LANGUAGES:
        if chosen and one["name"] not in chosen:
            continue
        if not shutil.which(one["needs"]):
            print(f"{one['title']}: left out: apt-get install {one['packages']}", flush=True)
            rows.append([one["title"], f"`{one['packages']}`", one["switch"], "left out: not installed", "", "", one["without"]])
            continue
        plugin, said = shop.build(one["name"], one["build"])
        if plugin is None:
            isBad = True
            print(f"{one['title']}: does not build:\n{said}", flush=True)
            continue
        report = shop.check(plugin)
        levels.add(report["level"])
        trusted, isolated = shop.study(plugin, True), shop.study(plugin, False)
        isBad = isBad or bool(report["failed"]) or trusted != one.get("trusted", "yes") or isolated != one.get("isolated", "yes")
        print(f"{one['title']}: check {checked(report)} ({report['counts']}, {report['seconds']:.0f} s); trusted {trusted}; isolated {isolated}", flush=True)
        for line in report.get("details", [])[:6]:
            print(f"    {line}", flush=True)
        rows.append([one["title"], f"`{one['packages']}`", one["switch"], checked(report), trusted, isolated, one["without"]])
    broken = []
    for one in BROKEN:
        if chosen and one["name"] not in chosen or not shutil.which(one["needs"]):
            continue
        plugin, said = shop.build(f"{one['name']}-broken", one["build"])
        if plugin is None:
            isBad = True
            print(f"{one['title']}: does not build:\n{said}", flush=True)
            continue
        report = shop.check(plugin)
        trusted = shop.study(plugin, True)
        isBad = isBad or not report["failed"]
        print(f"{one['title']}, {one['how']}: check {checked(report)}; trusted {trusted}", flush=True)
        for line in report.get("details", [])[:6]:
            print(f"    {line}", flush=True)
        broken.append([one["title"], one["how"], checked(report), trusted])
    text = table(["language", "Debian packages", "what must be switched on", f"`check --level {max(levels, default=0)}`", "trusted", "isolated",
                  "what is not to be had"], rows)
    if broken:
        text += "\nBuilt carelessly, each of them may run for a long time without a fault, and `check` finds it:\n\n"
        text += table(["language", "built", "`check`", "fifty problems on four lanes, trusted"], broken)
    (shop.out / "languages.md").write_text(text)
    if given.page:
        put(given.page, text)
    print(f"{shop.out / 'languages.md'}: {time.monotonic() - begin:.0f} s")
    sys.exit(1 if isBad else 0)


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]) + "\n"


def put(page, text):
    old = page.read_text()
    if old.count(BEGIN) != 1 or old.count(END) != 1:
        sys.exit(f"test-languages: {page} has to have the lines\n{BEGIN}\n{END}\nonce each: the tables go between them")
    head, rest = old.split(BEGIN)
    with tempfile.NamedTemporaryFile("w", dir=page.parent, delete=False) as file:
        file.write(f"{head}{BEGIN}\n\n{text}\n{END}{rest.split(END)[1]}")
    pathlib.Path(file.name).replace(page)
    page.chmod(0o644)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
