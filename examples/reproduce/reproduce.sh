#!/usr/bin/env bash
# Redoes the study of Snell et al. on the shipped models: the grid, difficulty, the
# best choice by difficulty, the comparison with a larger model, the report.
#
#   examples/reproduce/reproduce.sh quick|standard|full PROGRAM [FOLDER]
#
# Results are kept in FOLDER (default .build/reproduce/SIZE). Stopped in any way, the
# same command goes on where it was.
set -euo pipefail

size=${1:?"say quick, standard or full"}
stratagem=${2:?"name the program: .build/release/stratagem"}
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
out=${3:-"$root/.build/reproduce/$size"}
pair="$root/Sources/ReferenceModels/Resources/reference-pair.toml"

# How many of the 500 test problems, and of them for the pair of models. A problem of the
# standard grid takes some four and a half seconds of a core, most of it long chains of
# revisions. 500 of them, and the pair, took 24 minutes on two cores: 400 leave room.
case "$size" in
quick) problems=150 pair_problems=0 ;;
standard) problems=400 pair_problems=200 ;;
full) problems=500 pair_problems=500 ;;
*)
    echo "There is no size '$size': say quick, standard or full." >&2
    exit 2
    ;;
esac
mkdir -p "$out"

step() {
    local title=$1 begin=$SECONDS
    shift
    echo "── $title" >&2
    "$@"
    echo "   $((SECONDS - begin)) s" >&2
}

# Every run, vote and candidate; texts are left out, since no figure needs them.
study() { # STORE GRID PROBLEMS MORE…
    local store=$1 grid=$2 count=$3
    shift 3
    "$stratagem" eval --grid "$here/$grid" --limit "$count" --out "$store" --resume --no-texts --yes "$@" > "${store%.db}.txt"
}

# Search alone, with a table of its own: compute-optimal names it in full, since the program may be anywhere.
search() {
    sed "s|TABLE|$root/Sources/ReferenceModels/Resources/search-table.toml|" "$here/search.toml" > "$out/search.toml"
    "$stratagem" eval --grid "$out/search.toml" --limit "$problems" --out "$out/search.db" --resume --no-texts --yes > "$out/search.txt"
    "$stratagem" report "$out/search.db" -o "$out/search.html" --markdown "$out/search-tables.md" > "$out/search-findings.txt"
}

step "the grid: $problems problems ($size.toml)" study "$out/study.db" "$size.toml" "$problems"
step "difficulty, oracle and predicted" bash -c "
    '$stratagem' difficulty --store '$out/study.db' --kind oracle --json > '$out/difficulty-oracle.json'
    '$stratagem' difficulty --store '$out/study.db' --kind predicted --json > '$out/difficulty-predicted.json'"
step "the best choice by difficulty and budget" bash -c "
    '$stratagem' fit '$out/study.db' --kind predicted -o '$out/policy.toml' > '$out/fit-predicted.txt'
    '$stratagem' fit '$out/study.db' --kind oracle > '$out/fit-oracle.txt'"
[[ "$size" == quick ]] || step "compute-optimal among search alone: $problems problems (search.toml)" search
if ((pair_problems > 0)) && [[ -f "$pair" ]]; then
    step "the pair of models: $pair_problems problems" study "$out/pair.db" pair.toml "$pair_problems" --bundle "$pair"
    step "budgets of equal FLOPs" "$stratagem" match --small "$pair" --json > "$out/match.json"
elif ((pair_problems > 0)); then
    echo "── the comparison with a larger model is left out: there is no $pair" >&2
fi
more=()
[[ -f "$out/pair.db" ]] && more=(--pair "$out/pair.db")
step "the report" "$stratagem" report "$out/study.db" "${more[@]}" -o "$out/report.html" --svg "$out/figures" --markdown "$out/tables.md" > "$out/findings.txt"
cat "$out/findings.txt"
echo "The page: $out/report.html; the whole took $SECONDS s" >&2
