#!/usr/bin/env python3
"""Runs every strategy that is loaded at several budgets on the same problems, into one
store, and prints what came of it: a table and a picture.

    compare.py PROGRAM --size quick|full [--out FOLDER] [--page FILE]

Which strategies there are the program says (`plugins --json`); a strategy that the bundle has
no role for, or that needs a parameter, is left out, and the table says why. Stopped in
any way, the same command goes on where it was. --page puts table and picture into a page,
between its two marks.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import time

SIZES = {"quick": {"problems": 60, "budgets": [4, 16]}, "full": {"problems": 60, "budgets": [4, 16, 64, 256]}}
BEGIN, END = "<!-- comparison: made by `make compare` -->", "<!-- end of the comparison -->"


def call(program, *words):
    """What the program prints as JSON, its exit status, and what it says to people."""
    done = subprocess.run([program, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        return json.loads(done.stdout), done.returncode, done.stderr
    except json.JSONDecodeError:
        return None, done.returncode, done.stderr or done.stdout


def strategies(program):
    """All loaded ones by name, with whether they take batches, and of those that cannot run here the reason."""
    plugins, status, said = call(program, "plugins", "--json")
    if plugins is None or status != 0:
        sys.exit(f"compare: {program} does not say what plugins there are: {said.strip()}")
    all_of_them = {one["name"]: one["batch"] for plugin in plugins if plugin["status"] == "loaded" for one in plugin["strategies"]}
    usable, refused = {}, {}
    for name, takes_batch in sorted(all_of_them.items()):
        # One problem, one sample: whatever would be refused is refused here, before hours of work.
        result, status, said = call(program, "eval", "--strategy", name, "--budget", 1, "--limit", 1, "--json")
        if status == 130:
            sys.exit(130)
        if status == 0:
            usable[name] = takes_batch
        else:
            refused[name] = ((result or {}).get("error") or {}).get("message") or said.strip() or f"exit status {status}"
    return usable, refused


def measure(program, names, size, store):
    """Everything into one store: cells share the samples that they have in common. A strategy
    that takes batches is given all problems at once, and so the budget of all of them."""
    for takes_batch in (False, True):
        wanted = [word for name in names if names[name] == takes_batch for word in ("--strategy", name)]
        if not wanted:
            continue
        budgets = ",".join(str(budget * (size["problems"] if takes_batch else 1)) for budget in size["budgets"])
        done = subprocess.run([program, "eval", *wanted, "--budget", budgets, "--limit", str(size["problems"]), "--out", store, "--resume",
                               "--no-texts", "--yes", "--json"], stdout=subprocess.DEVNULL)
        # 1: some runs failed; the table shows them.
        if done.returncode not in (0, 1):
            sys.exit(done.returncode)


def rows(program, store, names, size):
    """The cells, each with its `n`: the generations that a problem has."""
    cells, status, said = call(program, "query", store, "cells", "--json")
    if cells is None or status != 0:
        sys.exit(f"compare: {store} cannot be read: {said.strip()}")
    mine = []
    for cell in cells:
        if cell["strategy"] not in names or cell["problems"] == 0:
            continue
        share = size["problems"] if names[cell["strategy"]] else 1
        cell["n"] = int(cell["budget"]) // share
        cell["cost"]["seconds"] /= share
        if cell["n"] in size["budgets"]:
            mine.append(cell)
    return sorted(mine, key=lambda cell: (cell["n"], -cell["accuracy"], cell["strategy"]))


def flops(value):
    for unit, name in ((1e12, "TFLOP"), (1e9, "GFLOP")):
        if value >= unit:
            return f"{value / unit:.1f} {name}"
    return f"{value / 1e6:.0f} MFLOP"


def table(cells, refused, size):
    problems = max((cell["problems"] for cell in cells), default=0)
    lines = [f"{problems} test problems, default parameters, seed 0; the mean of a problem. Seconds are of the clock, the other runs' work included. "
             "A strategy that takes batches had all problems at once, and N for each of them.", ""]
    head = "| strategy | right | accuracy | 95 % interval | tokens | verifier tokens | FLOPs | seconds |"
    for budget in size["budgets"]:
        lines += [f"**N = {budget}**", "", head, "|---|" + "---:|" * 7]
        for cell in (cell for cell in cells if cell["n"] == budget):
            cost, (low, high) = cell["cost"], cell["ci95"]
            failed = f", {cell['failed']} failed" if cell["failed"] else ""
            lines.append(f"| `{cell['strategy']}` | {cell['correct']}/{cell['problems']}{failed} | {100 * cell['accuracy']:.1f} % | "
                         f"{100 * low:.1f} – {100 * high:.1f} | {cost['tokens']:,.0f} | {cost['verifier_tokens']:,.0f} | "
                         f"{flops(cost['flops'])} | {cost['seconds']:.2f} |")
        lines.append("")
    lines += [f"Left out: `{name}`. {reason}" for name, reason in sorted(refused.items())]
    return "\n".join(lines).rstrip() + "\n"


COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#444444", "#8a5a00"]


def picture(cells, budgets, file):
    """Accuracy over the budget, and over what was spent: a strategy that stops early is cheap at any budget."""
    last = {}
    for cell in cells:
        last[cell["strategy"]] = (cell["n"], cell["accuracy"])
    names = sorted(last, key=lambda name: (-last[name][1], name))
    data, plots = [], {"budget": [], "flops": []}
    for index, name in enumerate(names):
        own = sorted((cell for cell in cells if cell["strategy"] == name), key=lambda cell: cell["n"])
        data += [f"$d{index} << EOD", *(f"{cell['n']} {cell['cost']['flops'] / 1e9} {100 * cell['accuracy']}" for cell in own), "EOD"]
        # Of every colour there is one with each line and each mark.
        style = f"lc rgb '{COLOURS[index % 8]}' dt {1 + index // 8} pt {4 + index % 9} ps 0.7 lw 1.5"
        plots["budget"].append(f"$d{index} using 1:3 with linespoints {style} notitle")
        plots["flops"].append(f"$d{index} using 2:3 with linespoints {style} title '{name}'")
    ticks = ",".join(f"'{budget}' {budget}" for budget in budgets)
    script = "\n".join([
        f"set terminal svg size 1100,{max(420, 60 + 19 * len(names))} dynamic noenhanced font 'sans-serif,12' background rgb '#ffffff'",
        "set encoding utf8", f"set output '{file}'", "set border 3", "set tics nomirror", "set grid ytics lc rgb '#dddddd'", *data,
        "set multiplot", "set ylabel 'right, %'", "set logscale x 2", f"set xrange [{min(budgets) / 1.1}:{max(budgets) * 1.1}]", "set lmargin at screen 0.06", "set rmargin at screen 0.40",
        f"set xtics ({ticks})", "set xlabel 'budget, N'", "plot " + ", ".join(plots["budget"]),
        "unset ylabel", "set autoscale x", "set xtics autofreq", "set logscale x 10", "set lmargin at screen 0.45", "set rmargin at screen 0.77",
        "set xlabel 'spent on a problem, GFLOP'", "set key outside right top reverse Left", "plot " + ", ".join(plots["flops"]), "unset multiplot", ""])
    try:
        subprocess.run(["gnuplot", "-"], input=script, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as problem:
        print(f"compare: no picture: gnuplot: {problem}", file=sys.stderr)
        return False
    return True


def put(page, text):
    old = page.read_text()
    if old.count(BEGIN) != 1 or old.count(END) != 1:
        sys.exit(f"compare: {page} has to have the lines\n{BEGIN}\n{END}\nonce each: the table goes between them")
    head, rest = old.split(BEGIN)
    new = head + BEGIN + "\n\n" + text + "\n" + END + rest.split(END)[1]
    with tempfile.NamedTemporaryFile("w", dir=page.parent, delete=False) as file:
        file.write(new)
    pathlib.Path(file.name).replace(page)
    page.chmod(0o644)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--size", choices=SIZES, default="quick")
    parser.add_argument("--problems", type=int, help="in place of the size's")
    parser.add_argument("--budgets", help="in place of the size's: 4,16")
    parser.add_argument("--out", type=pathlib.Path, help="the folder for store, table and picture; default .build/compare/SIZE")
    parser.add_argument("--page", type=pathlib.Path, help="put table and picture into this page as well")
    given = parser.parse_args()
    size = dict(SIZES[given.size])
    if given.problems:
        size["problems"] = given.problems
    if given.budgets:
        size["budgets"] = [int(word) for word in given.budgets.split(",")]
    out = given.out or pathlib.Path(__file__).resolve().parents[2] / ".build/compare" / given.size
    out.mkdir(parents=True, exist_ok=True)
    begin = time.monotonic()
    names, refused = strategies(given.program)
    print(f"{len(names)} strategies at N = {', '.join(map(str, size['budgets']))} on {size['problems']} problems, into {out}", file=sys.stderr)
    store = str(out / "compare.db")
    measure(given.program, names, size, store)
    cells = rows(given.program, store, names, size)
    text = table(cells, refused, size)
    (out / "table.md").write_text(text)
    print(text, end="")
    isDrawn = picture(cells, size["budgets"], out / "compare.svg")
    if given.page:
        if isDrawn:
            (given.page.parent / "strategies.svg").write_text((out / "compare.svg").read_text())
            text = "![Accuracy of every strategy over the budget, and over what it spent](strategies.svg)\n\n" + text
        put(given.page, text)
    print(f"{out / 'table.md'}, {out / 'compare.svg'}: {time.monotonic() - begin:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
