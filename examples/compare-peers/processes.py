"""Programs that a comparison runs, and a Python with a package of its own."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def run(command: list, **more) -> str:
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)
    if done.returncode != 0:
        sys.exit(f"compare: {' '.join(str(word) for word in command)[:200]}: status {done.returncode}\n{(done.stderr or done.stdout)[-2000:]}")
    return done.stdout


def python_with(package: str, work: pathlib.Path) -> pathlib.Path:
    """A Python of its own with a package from PyPI, by version."""
    python = work / re.sub(r"[^\w.]+", "-", package) / "bin/python"
    if not python.exists():
        run([sys.executable, "-m", "venv", python.parents[1]])
        run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", package])
    return python
