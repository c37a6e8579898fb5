#!/usr/bin/env bash
# What `make demo` shows: one of the shipped test problems, solved greedily, with
# best-of-n and with beam search by the same small model; then how often each is
# right on many of them. Nothing here is chance: the same build prints the same.
set -euo pipefail

stratagem=${1:-.build/release/stratagem}
budget=${2:-16}
problems=${3:-100}
bold="" plain=""
if [[ -t 1 ]]; then bold=$'\e[1m' plain=$'\e[0m'; fi

# "right", "wrong" or "none", and the answer.
verdict() {
    python3 -c '
import json, sys
result = json.load(sys.stdin)
print({True: "right", False: "wrong"}.get(result.get("correct"), "none"), result["answer"])'
}

# From the answer on: the problem stands above all of them.
solve() { "$stratagem" solve --example "$1" --strategy "$2" --budget "$3" | sed -n '/^\(answer\|no answer\)/,$p'; }
is() { [[ $("$stratagem" solve --example "$1" --strategy "$2" --budget "$3" --json | verdict) == "$4"* ]]; }

# A problem that the model gets wrong and both searches get right; the one known to
# be so first, in case the models have changed since. It is picked to show what search
# does: what is the rule, the table at the end says.
known=42
example=""
for number in $known $(seq 1 "$problems"); do
    if is "$number" greedy 1 wrong && is "$number" best-of-n "$budget" right && is "$number" beam-search "$budget" right; then
        example=$number
        break
    fi
done
if [[ -z $example ]]; then
    echo "demo: greedy is wrong and both searches are right in none of the first $problems test problems" >&2
    exit 1
fi

show() {
    echo
    echo "$bold$1$plain"
    echo
    solve "$example" "$2" "$3" | sed 's/^/    /'
}

echo "${bold}Test problem $example:$plain"
echo
"$stratagem" solve --example "$example" --strategy greedy --budget 1 --json |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["problem"])' | fold -s -w 100 | sed 's/^/    /'
show "1. The model alone: the most likely token at every position" greedy 1
show "2. The same model, best of $budget answers by the verifier" best-of-n "$budget"
show "3. The same model, beam search with $budget steps a round" beam-search "$budget"

echo
echo "${bold}And on the first $problems test problems:$plain"
echo
"$stratagem" eval --strategy greedy --strategy majority --strategy best-of-n --strategy beam-search --budget "$budget" --limit "$problems" |
    sed 's/^/    /'
