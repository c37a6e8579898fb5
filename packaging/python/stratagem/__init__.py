"""Search strategies for LLM test-time compute, from Python.

Everything is done by the program that this package carries; these functions run it and read its JSON.

>>> import stratagem
>>> result = stratagem.solve(example=42, strategy="best-of-n", budget=16)
>>> result.answer, result.cost["tokens"]

Keyword arguments are the program's options: ``temperature_max=2`` is ``--temperature-max 2``, ``True`` is a flag alone,
a list repeats the option. ``stratagem solve --help`` says which there are.
"""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
import tempfile

__all__ = ["StratagemError", "Result", "program", "solve", "evaluate", "plugins"]


class StratagemError(Exception):
    """The program refused (status 2) or failed (1). ``origin`` says whose fault it is, ``code`` which error it is."""

    def __init__(self, message: str, status: int, origin: str | None = None, code: str | None = None):
        super().__init__(message)
        self.status, self.origin, self.code = status, origin, code


class Result(dict):
    """What ``solve --json`` printed, as a dictionary, with its members as attributes. It draws its tree in a notebook."""

    svg: str | None = None

    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"a result has no '{name}'; it has {', '.join(self)}") from None

    def _repr_svg_(self):
        return self.svg


def program() -> str:
    """The path of the program: $STRATAGEM_PROGRAM, or the one that this package carries."""
    return os.environ.get("STRATAGEM_PROGRAM") or str(pathlib.Path(__file__).parent / "_program" / "lib" / "stratagem" / "stratagem")


def main() -> None:
    """The command ``stratagem``."""
    os.execv(program(), ["stratagem", *sys.argv[1:]])


def solve(problem: str | None = None, *, tree: bool = True, **options) -> Result:
    """Solves one problem. Without a problem, pass ``example=42``: a problem of the test set that ships."""
    with tempfile.TemporaryDirectory() as folder:
        arguments = ["solve", "--json"]
        picture = os.path.join(folder, "tree.svg")
        if tree and "tree" not in options:
            arguments += ["--tree", picture]
        arguments += _options(options)
        if problem is not None:
            # On standard input, since a problem may begin with a dash.
            arguments.append("-")
        result = Result(_run(arguments, problem))
        if os.path.exists(picture):
            result.svg = pathlib.Path(picture).read_text(encoding="utf-8")
        return result


def evaluate(data=None, **options) -> dict:
    """Measures strategies on a data set: a path, or a list of ``{"problem": …, "answer": …}``. Without one, on the test set that ships."""
    with tempfile.TemporaryDirectory() as folder:
        arguments = ["eval", "--json"] + _options(options)
        if data is not None and not isinstance(data, (str, os.PathLike)):
            path = pathlib.Path(folder) / "data.jsonl"
            path.write_text("".join(json.dumps(row) + "\n" for row in data), encoding="utf-8")
            data = path
        if data is not None:
            arguments += ["--data", os.fspath(data)]
        return _run(arguments)


def plugins(**options) -> dict:
    """The strategies and functions that are there."""
    return _run(["plugins", "--json"] + _options(options))


def _options(options: dict) -> list[str]:
    arguments = []
    for name, value in options.items():
        flag = "--" + name.replace("_", "-")
        for one in value if isinstance(value, (list, tuple)) else [value]:
            if one is True:
                arguments.append(flag)
            elif one is not False and one is not None:
                arguments.append(f"{flag}={one}")
    return arguments


def _run(arguments: list[str], text: str | None = None):
    done = subprocess.run([program(), *arguments], input=text if text is not None else "", capture_output=True, encoding="utf-8")
    try:
        shape = json.loads(done.stdout) if done.stdout.strip() else None
    except json.JSONDecodeError:
        shape = None
    if done.returncode == 0 and shape is not None:
        return shape
    error = shape.get("error") if isinstance(shape, dict) else None
    if isinstance(error, dict):
        raise StratagemError(error.get("message", ""), done.returncode, error.get("origin"), error.get("code"))
    raise StratagemError(done.stderr.strip() or f"the program ended with status {done.returncode}", done.returncode)
