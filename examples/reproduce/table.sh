#!/usr/bin/env bash
# Fits the policy tables that ship, from problems that it generates: docs/compute-optimal.md explains them.
#
#   examples/reproduce/table.sh PROGRAM [FOLDER]
#
# Results are kept in FOLDER (default .build/reproduce/table): policy-table.toml, of everything, and search-table.toml,
# of search alone. Stopped in any way, the same command goes on where it was.
set -euo pipefail

stratagem=${1:?"name the program: .build/release/stratagem"}
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
out=${2:-"$root/.build/reproduce/table"}
mkdir -p "$out"

# How many problems have runs up to N = 16, 64 and 256.
problems=1500 to_64=500 to_256=500

if [[ ! -f "$out/fit.jsonl" ]]; then
    [[ -x "$out/venv/bin/python" ]] || python3 -m venv "$out/venv"
    "$out/venv/bin/pip" install --quiet "$(grep '^reasoning-gym==' "$root/examples/reference-models/requirements.txt")"
    "$out/venv/bin/python" "$root/examples/reference-models/fit_problems.py" "$out/fit.jsonl" "$problems" >&2
fi

study() { # STORE GRID PROBLEMS
    echo "── $2: $3 problems" >&2
    "$stratagem" eval --grid "$here/$2" --data "$out/fit.jsonl" --limit "$3" --out "$out/$1" --resume --no-texts --yes > "$out/${1%.db}.txt"
}
study to-16.db table.toml "$problems"
study to-64.db table-64.toml "$to_64"
study to-256.db table-256.toml "$to_256"
stores=("$out/to-16.db" "$out/to-64.db" "$out/to-256.db")

"$stratagem" fit "${stores[@]}" --samples 8 --role policy --role prm --role reviser --role revision_orm -o "$out/policy-table.toml"
"$stratagem" fit "${stores[@]}" --samples 8 --role policy --role prm --strategy best-of-n --strategy beam-search --strategy dvts -o "$out/search-table.toml"
