"""wheel.py BUILD OUT: a Python wheel with the program inside, as tools of this field are installed.

A wheel is a zip with three text files, so nothing but the standard library is needed.
"""
import base64
import csv
import hashlib
import io
import os
import pathlib
import platform
import re
import subprocess
import sys
import tempfile
import zipfile


def needed_glibc(files):
    """The newest version of glibc that a symbol of these files wants: the wheel's platform tag states it."""
    newest = (2, 17)
    for file in files:
        table = subprocess.run(["objdump", "-T", file], capture_output=True, text=True, check=True).stdout
        for major, minor in re.findall(r"GLIBC_(\d+)\.(\d+)", table):
            newest = max(newest, (int(major), int(minor)))
    return newest


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: wheel.py BUILD OUT")
    here, build, out = pathlib.Path(__file__).resolve().parent, sys.argv[1], pathlib.Path(sys.argv[2])
    version = subprocess.run([f"{build}/stratagem", "--version"], capture_output=True, text=True, check=True).stdout.split(",")[0].split()[1]
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        stage = pathlib.Path(folder)
        subprocess.run([here / "stage.sh", build, "/", "--destdir", stage / "tree", "--with-swift", "--with-system"], check=True)
        home = stage / "tree/lib/stratagem"
        glibc = needed_glibc([file for file in home.rglob("*") if file.is_file() and (".so" in file.name or file.suffix == "")
                              and file.read_bytes()[:4] == b"\x7fELF"])
        tag = f"py3-none-manylinux_{glibc[0]}_{glibc[1]}_{platform.machine()}"
        wheel = out / f"stratagem-{version}-{tag}.whl"
        write(wheel, version, tag, here, stage / "tree")
    print(wheel)


def write(wheel, version, tag, here, tree):
    rows, part = [], wheel.with_suffix(".part")
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        def add(name, data, mode=0o644):
            entry = zipfile.ZipInfo(name)
            entry.external_attr = (0o100000 | mode) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            rows.append((name, f"sha256={digest}", len(data)))

        for file in sorted((here / "python").rglob("*.py")):
            add(str(file.relative_to(here / "python")), file.read_bytes())
        for top in ("lib/stratagem", "include", "share/doc"):
            for file in sorted((tree / top).rglob("*")):
                if file.is_file():
                    add(f"stratagem/_program/{file.relative_to(tree)}", file.read_bytes(), 0o755 if os.access(file, os.X_OK) else 0o644)
        info = f"stratagem-{version}.dist-info"
        readme = (here.parent / "README.md").read_text(encoding="utf-8")
        add(f"{info}/METADATA", (f"Metadata-Version: 2.1\nName: stratagem\nVersion: {version}\n"
                                 "Summary: Search strategies for LLM test-time compute, as plugins\nLicense: Apache-2.0\n"
                                 "Requires-Python: >=3.8\nDescription-Content-Type: text/markdown\n\n" + readme).encode())
        add(f"{info}/WHEEL", f"Wheel-Version: 1.0\nGenerator: wheel.py\nRoot-Is-Purelib: false\nTag: {tag}\n".encode())
        add(f"{info}/entry_points.txt", b"[console_scripts]\nstratagem = stratagem:main\n")
        record = io.StringIO()
        csv.writer(record, lineterminator="\n").writerows([*rows, (f"{info}/RECORD", "", "")])
        archive.writestr(f"{info}/RECORD", record.getvalue())
    part.rename(wheel)


main()
