#!/usr/bin/env python3
"""Fetches one file of a package index by its SHA-256, and nothing else: no package is built, no code of one is run.

    fetch.py PROJECT SHA256 TARGET            into the file TARGET
    fetch.py PROJECT SHA256 TARGET --unzip    a wheel, its files into the folder TARGET

Which index is asked, and whose certificates are believed, is pip's business: its settings are used (PIP_INDEX_URL,
pip.conf). Whom we trust does not hang on it: what has another hash is thrown away.
"""
import hashlib
import html.parser
import json
import os
import shutil
import ssl
import subprocess
import sys
import urllib.parse
import urllib.request
import zipfile

SIZE_MAX = 1 << 30
TYPES = "application/vnd.pypi.simple.v1+json, text/html;q=0.5"


def setting(name):
    """What pip is told: by the environment, else by its files; None if by neither."""
    value = os.environ.get("PIP_" + name.upper().replace("-", "_"))
    for section in ("download", "install", "global"):
        if value:
            break
        found = subprocess.run([sys.executable, "-m", "pip", "config", "get", f"{section}.{name}"],
                               capture_output=True, text=True, check=False)
        value = found.stdout.strip() if found.returncode == 0 else None
    return value


def index():
    """The first page of the index that pip would ask."""
    url = setting("index-url")
    if not url:
        try:
            from pip._internal.models.index import PyPI
            url = PyPI.simple_url
        except ImportError:
            sys.exit("fetch: pip is not there to say where the package index is. Set PIP_INDEX_URL, or install python3-pip")
    return url.rstrip("/") + "/"


def opener(url):
    """Opens addresses with pip's certificates, and with the name and password that the index's address has."""
    context = ssl.create_default_context(cafile=setting("cert"))
    handlers = [urllib.request.HTTPSHandler(context=context)]
    parts = urllib.parse.urlsplit(url)
    if parts.username:
        host = parts.hostname + (f":{parts.port}" if parts.port else "")
        url = urllib.parse.urlunsplit(parts._replace(netloc=host))
        passwords = urllib.request.HTTPPasswordMgrWithPriorAuth()
        passwords.add_password(None, url, urllib.parse.unquote(parts.username), urllib.parse.unquote(parts.password or ""),
                               is_authenticated=True)
        handlers.append(urllib.request.HTTPBasicAuthHandler(passwords))
    return urllib.request.build_opener(*handlers), url


class Links(html.parser.HTMLParser):
    """The addresses that a page of the older form links to."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        if tag == "a" and dict(attrs).get("href"):
            self.found.append(dict(attrs)["href"])


def address(opened, url, project, sha256):
    """Of the file with this hash."""
    # A folder of files has no server that would find its page.
    page = "index.html" if url.startswith("file:") else ""
    request = urllib.request.Request(f"{url}{project}/{page}", headers={"Accept": TYPES})
    with opened.open(request, timeout=60) as answer:
        text = answer.read(SIZE_MAX).decode("utf-8")
        base, kind = answer.geturl(), answer.headers.get_content_type()
    if kind.endswith("json"):
        links = [entry["url"] for entry in json.loads(text)["files"] if entry.get("hashes", {}).get("sha256") == sha256]
    else:
        found = Links()
        found.feed(text)
        links = [link for link in found.found if link.endswith(f"sha256={sha256}")]
    if not links:
        sys.exit(f"fetch: the package index has no file of {project} with the SHA-256 {sha256}")
    return urllib.parse.urldefrag(urllib.parse.urljoin(base, links[0])).url


def download(opened, url, sha256, path):
    """Under another name, until its hash is known."""
    digest, size = hashlib.sha256(), 0
    part = f"{path}.{os.getpid()}.part"
    try:
        with opened.open(url, timeout=60) as answer, open(part, "wb") as file:
            while block := answer.read(1 << 20):
                size += len(block)
                if size > SIZE_MAX:
                    sys.exit("fetch: the file is larger than 1 GiB")
                digest.update(block)
                file.write(block)
        if digest.hexdigest() != sha256:
            sys.exit(f"fetch: the file has the SHA-256 {digest.hexdigest()}, and {sha256} was wanted")
        os.replace(part, path)
    finally:
        if os.path.exists(part):
            os.unlink(part)


def unzip(wheel, folder):
    """Its files, those that can be run with the right to be."""
    with zipfile.ZipFile(wheel) as archive:
        for entry in archive.infolist():
            path = archive.extract(entry, folder)
            mode = entry.external_attr >> 16 & 0o777
            if mode and not entry.is_dir():
                os.chmod(path, mode | 0o600)


def main():
    if len(sys.argv) not in (4, 5) or sys.argv[4:] not in ([], ["--unzip"]):
        sys.exit(__doc__)
    project, sha256, target = sys.argv[1:4]
    wants_files = sys.argv[4:] == ["--unzip"]
    path = f"{target}.whl" if wants_files else target
    try:
        opened, url = opener(index())
        download(opened, address(opened, url, project, sha256), sha256, path)
        if wants_files:
            shutil.rmtree(target, ignore_errors=True)
            unzip(path, f"{target}.{os.getpid()}.part")
            os.rename(f"{target}.{os.getpid()}.part", target)
            os.unlink(path)
    except (OSError, ValueError, KeyError) as error:
        sys.exit(f"fetch: {project}: {error}")


main()
