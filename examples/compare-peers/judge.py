"""A verifier that is a program, for searches whose tokens are all the policy's: examples/check-arithmetic."""
import os
import pathlib

from processes import ROOT, run


def own_list(folder: pathlib.Path) -> dict:
    """The environment with a list of trusted plugins of its own."""
    return os.environ | {"XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "HOME": str(folder)}


def judge(program: str, folder: pathlib.Path) -> pathlib.Path:
    """The program that reads arithmetic, built and trusted."""
    plugin = folder / "arithmetic.so"
    run(["cc", "-shared", "-fPIC", "-O2", "-I", ROOT / "Sources/CStratagem/include", ROOT / "examples/check-arithmetic/check_arithmetic.c",
         "-o", plugin])
    run([program, "trust", plugin], env=own_list(folder))
    return plugin
