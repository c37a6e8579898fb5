#!/usr/bin/env python3
"""Fills the listings and transcripts of docs/authors/*.md, from real projects.

    docs/authors/refresh.py                       # all pages, in place
    docs/authors/refresh.py --check c rust        # do these two still say what happens?

A page has blocks `<!-- file: PATH -->`, `<!-- example: FILE -->` (of this folder, copied into
the project) and `<!-- run: COMMAND -->`, each up to the next `<!-- end -->`. The commands are run in their order in a new folder, with HOME there too;
`quiet` after `run` leaves out what the command prints. A check compares words, not
numbers: times and scores differ from machine to machine.
"""
import argparse
import difflib
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
BLOCK = re.compile(r"(<!-- (file|example|run|run quiet): (.+?) -->\n)(.*?)(<!-- end -->\n)", re.S)
FENCES = {".c": "c", ".h": "c", ".hpp": "cpp", ".cpp": "cpp", ".swift": "swift", ".rs": "rust", ".py": "python", ".toml": "toml"}


class Page:
    def __init__(self, path, program, folder):
        self.path, self.folder = path, folder
        self.project = folder
        # As in a shell of its own: a make above this one (`make test`) would make the project's say where it goes in and out.
        outer = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
        self.environment = {**outer, "HOME": os.environ.get("HOME", str(folder)), "XDG_DATA_HOME": str(folder / ".data"),
                            "PATH": f"{program.parent}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8"}

    def run(self, command):
        place = self.folder if command.startswith("stratagem new ") else self.project
        done = subprocess.run("set -o pipefail; " + command, shell=True, executable="/bin/bash", cwd=place, env=self.environment, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=900)
        if done.returncode != 0:
            sys.exit(f"{self.path.name}: {command} ended with {done.returncode}:\n{done.stdout}")
        text = done.stdout.replace(str(self.folder) + "/", "").replace(str(self.folder), ".")
        if command.startswith("stratagem new "):
            self.project = self.folder / command.split()[2]
        return "\n".join(line.rstrip() for line in text.rstrip().splitlines())

    def block(self, match):
        head, kind, what, _, end = match.groups()
        if kind == "example":
            (self.project / what).write_text((HERE / what).read_text())
        if kind in ("file", "example"):
            text = (self.project / what).read_text()
            return f"{head}```{FENCES.get(pathlib.Path(what).suffix, '')}\n{text.rstrip()}\n```\n{end}"
        output = self.run(what)
        shown = f"$ {what}\n" + (f"{output}\n" if output and kind == "run" else "")
        return f"{head}```console\n{shown}```\n{end}"

    def fresh(self):
        return BLOCK.sub(self.block, self.path.read_text())


def words(text):
    """Without what differs from machine to machine."""
    text = re.sub(r"[█▏▎▍▌▋▊▉]+", "", text)
    return re.sub(r"\s+", " ", re.sub(r"[\d.,]+", "#", text)).replace("<!-- end --> ", "<!-- end -->\n").replace(" ```", "\n```").split("\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="*", help="c, cpp, swift, rust, python; all by default")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--program", type=pathlib.Path, default=HERE.parent.parent / ".build/release/stratagem")
    parser.add_argument("--folder", type=pathlib.Path, help="leave the projects here: FOLDER/PAGE/my-search")
    options = parser.parse_args()
    stale = False
    with tempfile.TemporaryDirectory() as temporary:
        for name in options.pages or ["c", "cpp", "swift", "rust", "python"]:
            folder = (options.folder or pathlib.Path(temporary)).resolve() / name
            folder.mkdir(parents=True)
            path = HERE / f"{name}.md"
            old, new = path.read_text(), Page(path, options.program.resolve(), folder).fresh()
            if options.check and words(old) != words(new):
                stale = True
                print(f"{path.name} is out of date; run docs/authors/refresh.py {name} to update it:")
                print("\n".join(difflib.unified_diff(words(old), words(new), "page", "now", lineterm="", n=0)))
            elif not options.check:
                path.write_text(new)
    sys.exit(1 if stale else 0)


main()
