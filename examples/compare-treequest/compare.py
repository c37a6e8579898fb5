#!/usr/bin/env python3
"""The strategy mcts beside treequest's StandardMCTS, on the same tree, without a model.

    compare.py PROGRAM [--sizes 1000,10000,100000] [--width 2] [--page FILE]

PROGRAM is stratagem, with its plugins beside it. The plugin is driven by drive.c, a host that answers at once; treequest by
its own `step`. A step is one new node: `width` are sampled below each leaf, and a node's value is a hash of its place, so
that both search the same tree with the same values. (They visit it in another order: see Plugins/mcts.) A tree of treequest
is grown to its size by the functions that `step` calls, without the look-up of nodes by number, which takes most of its time
in a large tree; then 200 steps are timed as a user makes them, in place, and a few as they are by default, on a copy.
treequest and numpy come from PyPI, into a virtual environment under .build.
"""
import argparse
import json
import math
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PACKAGES = ["treequest==0.3.3", "numpy==2.4.6"]
BEGIN, END = "<!-- treequest: made by examples/compare-treequest/compare.py -->", "<!-- end of treequest -->"

THEIRS = '''
import copy, json, resource, sys, time
import treequest
from treequest.trial import Trial

size, width, in_place, copies = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
MASK = 2**64 - 1


def mixed(x):
    x = (x + 0x9E3779B97F4A7C15) & MASK
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & MASK
    return x ^ (x >> 31)


children = {}


def generate(parent):
    """A node's state is its key: a hash of its parent's and its index among its siblings."""
    key = parent or 0
    children[key] = children.get(key, 0) + 1
    made = mixed((key + children[key]) & MASK)
    return made, (made >> 11) * 2.0**-53


def grow(search, state):
    """What `step` does, but for the look-up by number."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    levels = steps = 0
    while len(state.tree) <= size:
        node = search._select(state)
        for _ in range(width):
            result = generate(node.state)
            made = state.tree.add_node(result, node)
            search._backpropagate(state, made, result[1])
            if len(node.children) > 1:
                search._update_priors(state, node)
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 / size


def timed(count, body):
    """The median of single steps, in microseconds."""
    times = []
    for _ in range(count):
        start = time.perf_counter()
        body()
        times.append((time.perf_counter() - start) * 1e6)
    return sorted(times)[len(times) // 2] if times else None


search = treequest.StandardMCTS(samples_per_action=width)
state = search.init_tree()
bytes_a_node = grow(search, state)
actions = {"step": generate}


def select():
    node, levels = search._select(state), 0
    while node.parent:
        node, levels = node.parent, levels + 1
    return levels


levels = select()
selection = timed(200, lambda: search._select(state))
step = timed(in_place, lambda: search.step(state, actions, inplace=True))
sys.setrecursionlimit(10**6)
try:
    copied = timed(copies, lambda: search.step(state, actions))
except (RecursionError, MemoryError):
    copied = None
print(json.dumps({"step": step, "copied": copied, "level": selection / levels, "levels": levels, "bytes": bytes_a_node}))
'''


def ours(driver, plugin, size, width):
    """The fastest of five runs: what else the machine does only adds."""
    runs = [json.loads(subprocess.run([driver, plugin, str(size), str(width)], check=True, stdout=subprocess.PIPE).stdout) for _ in range(5)]
    best = min(runs, key=lambda run: run["microseconds"])
    made = best["nodes"] - 1
    return {"step": best["microseconds"] / made, "level": best["microseconds"] / best["levels"], "levels": best["levels"] / best["simulations"],
            "bytes": best["bytes"] / made}


def theirs(python, size, width):
    copies = 20 if size <= 1000 else 5 if size <= 10000 else 2
    done = subprocess.run([python, "-c", THEIRS, str(size), str(width), "200", str(copies)], stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"compare: treequest ended with {done.returncode} at {size} nodes")
    return json.loads(done.stdout)


def microseconds(value):
    return "–" if value is None else f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--sizes", default="1000,10000,100000")
    parser.add_argument("--width", type=int, default=2, help="treequest's samples_per_action")
    parser.add_argument("--page", type=pathlib.Path)
    given = parser.parse_args()
    plugin = given.program.resolve().parent / "libstg-mcts.so"
    venv = ROOT / ".build/treequest"
    subprocess.run([sys.executable, "-m", "venv", venv], check=True)
    subprocess.run([venv / "bin/pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES], check=True)
    lines = ["| nodes | | µs a step | µs a level of a selection | levels | bytes a node | times as fast |", "|---:|---|---:|---:|---:|---:|---:|"]
    with tempfile.TemporaryDirectory() as folder:
        driver = pathlib.Path(folder) / "drive"
        subprocess.run(["cc", "-std=gnu11", "-O2", "-I", ROOT / "Sources/CStratagem/include", HERE / "drive.c", "-o", driver, "-ldl", "-lm"], check=True)
        for size in map(int, given.sizes.split(",")):
            mine, other = ours(driver, plugin, size, given.width), theirs(venv / "bin/python", size, given.width)
            lines += [f"| {size:,} | `mcts` | {microseconds(mine['step'])} | {mine['level']:.2f} | {mine['levels']:.1f} | {mine['bytes']:.0f} | |",
                      f"| | treequest, in place | {microseconds(other['step'])} | {other['level']:.2f} | {other['levels']} | {other['bytes']:.0f} "
                      f"| {other['step'] / mine['step']:,.0f} |"]
            if other["copied"]:
                lines.append(f"| | treequest, on a copy (its default) | {microseconds(other['copied'])} | | | | {other['copied'] / mine['step']:,.0f} |")
            print("\n".join(lines if len(lines) < 6 else lines[-3:] if other["copied"] else lines[-2:]), flush=True)
    if given.page:
        put(given.page, "\n".join(lines) + "\n")


def put(page, text):
    old = page.read_text()
    if old.count(BEGIN) != 1 or old.count(END) != 1:
        sys.exit(f"compare: {page} has to have the lines\n{BEGIN}\n{END}\nonce each: the table goes between them")
    head, rest = old.split(BEGIN)
    page.write_text(f"{head}{BEGIN}\n\n{text}\n{END}{rest.split(END)[1]}")


main()
