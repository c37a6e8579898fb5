#!/bin/sh
# Builds fuzz.c with the sanitizers and runs it: fuzz.sh [COUNT [SEED]], 100,000 if not told.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${CC:-cc} -std=c99 -Wall -Wextra -pedantic -O2 -g -fsanitize=address,undefined -fno-sanitize-recover=all \
    -I"$root/Sources/CStratagem/include" -I"$root/Plugins/math-answers" \
    "$here/fuzz.c" "$root"/Plugins/math-answers/*.c -o "$folder/fuzz"
"$folder/fuzz" "${1:-100000}" "${2:-1}"
