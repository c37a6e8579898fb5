#!/usr/bin/env python3
"""Makes Notice.swift from NOTICE: `python3 Sources/stratagem/notice.py`. A test compares the two."""
import pathlib

here = pathlib.Path(__file__).resolve().parent
text = (here.parent.parent / "NOTICE").read_text(encoding="utf-8").rstrip("\n")
lines = "".join(f"        {line}".rstrip() + "\n" for line in text.split("\n"))
(here / "Notice.swift").write_text(
    "/// The page NOTICE, for a program that is installed without it. Made from it by notice.py.\n"
    "enum Notice {\n    static let text = #\"\"\"\n" + lines + "\n        \"\"\"#\n}\n", encoding="utf-8")
