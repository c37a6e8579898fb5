#!/usr/bin/env python3
"""Makes docs/abi.md from the headers, whose comments are the contract.

    docs/abi-reference.py            print the page
    docs/abi-reference.py --check    exit 1 if docs/abi.md is out of date
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
INCLUDE = ROOT / "Sources/CStratagem/include"
HEADER = INCLUDE / "stratagem.h"
EXTENSIONS = ["stratagem_confidence.h", "stratagem_capabilities.h"]
PAGE = ROOT / "docs/abi.md"
SECTION = re.compile(r"^/\* -+ (.+?) \*/$")


def comment_text(lines):
    """The words of a block comment, its stars and indent dropped."""
    text = [re.sub(r"^\s*/?\*+ ?", "", line).replace("*/", "").rstrip() for line in lines]
    return [line for line in text if not line.startswith("SPDX")]


def sections(lines):
    """Splits the header's body at its ruled comments."""
    name, body = None, []
    for line in lines:
        match = SECTION.match(line)
        if match:
            if name:
                yield name, body
            name, body = match.group(1), []
        elif name:
            body.append(line)
    yield name, body


def code(body):
    """The declarations of a section, comments in place, outer blank lines dropped."""
    text = "\n".join(body)
    text = re.sub(r"#ifdef __cplusplus\n}\n#endif\n#endif.*", "", text, flags=re.S)
    return text.strip("\n")


def extension(name):
    """A header of an extension, whole: it has no ruled sections."""
    lines = (INCLUDE / name).read_text().splitlines()
    end = next(i for i, line in enumerate(lines) if line.strip() == "*/")
    body = "\n".join(lines[end + 1:])
    start = re.search(r"#define STG_\w+_1 ", body).start()
    text = re.sub(r"#ifdef __cplusplus\n}\n#endif\n#endif.*", "", body[start:], flags=re.S)
    return ["```text"] + comment_text(lines[:end])[1:] + ["```", "", "```c", text.strip("\n"), "```", ""]


def page():
    lines = HEADER.read_text().splitlines()
    end = next(i for i, line in enumerate(lines) if line.strip() == "*/")
    out = ["# The plugin ABI", "",
           "Made from the headers in `Sources/CStratagem/include` by `docs/abi-reference.py`; the headers are authoritative.", ""]
    out += ["```text"] + comment_text(lines[:end])[3:] + ["```", ""]
    for name, body in sections(lines[end:]):
        out += [f"## {name[0].upper()}{name[1:]}", "", "```c", code(body), "```", ""]
    for name in EXTENSIONS:
        out += [f"## Extension: {name}", ""] + extension(name)
    return "\n".join(out)


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        if not PAGE.exists() or PAGE.read_text() != page():
            sys.exit("docs/abi.md is out of date: run docs/abi-reference.py > docs/abi.md")
    else:
        sys.stdout.write(page())
