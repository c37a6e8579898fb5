#!/usr/bin/env bash
# Makes what every later build is held to: the dump of the header's types (abi-1.0.xml)
# and plugins as compiled for ABI 1.0. Run once when a version is frozen: for 1.0 that
# is done, and it is not to be run again (docs/abi-policy.md).
#
#   Tests/IsolationTests/Fixtures/ABI/make-fixtures.sh
#
# Needs abidw (abigail-tools) and cc, on x86-64 Linux.
set -euo pipefail
cd "$(dirname "$0")"
root=$(cd ../../../.. && pwd)
include="$root/Sources/CStratagem/include"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cc -g -gdwarf-4 -shared -fPIC -I "$include" header_types.c -o "$work/types.so"
abidw --no-corpus-path --no-comp-dir-path --no-show-locs --no-parameter-names --no-elf-needed \
    --out-file abi-1.0.xml "$work/types.so"

# A broken.c without a defect is the kit's correct plugin.
compile() { cc -std=gnu11 -O2 -shared -fPIC -fvisibility=hidden -s -I "$include" "$1" -lm -o "$2-1.0-x86_64.so"; }
compile every_1_0.c every
compile "$root/Tests/ConformanceTests/Broken/broken.c" correct
compile "$root/examples/early-stop/early_stop.c" early-stop
ls -l ./*.so ./*.xml
