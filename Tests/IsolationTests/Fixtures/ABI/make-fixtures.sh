#!/usr/bin/env bash
# Makes what every later build is held to: the dump of the headers' types (abi-VERSION.xml)
# and plugins as compiled for that version. Run once when a version is frozen: for 1.0 and 1.1 that
# is done, and it is not to be run again for them (docs/abi-policy.md).
#
#   Tests/IsolationTests/Fixtures/ABI/make-fixtures.sh 1.2
#
# Needs abidw (abigail-tools) and cc, on x86-64 Linux.
set -euo pipefail
version=${1:?say which version is frozen, such as 1.2}
cd "$(dirname "$0")"
[ ! -e "abi-$version.xml" ] || { echo "abi-$version.xml is there: $version is frozen" >&2; exit 1; }
root=$(cd ../../../.. && pwd)
include="$root/Sources/CStratagem/include"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cc -g -gdwarf-4 -shared -fPIC -I "$include" header_types.c -o "$work/types.so"
abidw --no-corpus-path --no-comp-dir-path --no-show-locs --no-parameter-names --no-elf-needed \
    --out-file "abi-$version.xml" "$work/types.so"

# A plugin that uses all that the version added. 1.0 has two more: a broken.c without a defect, and early-stop.
source="every_${version/./_}.c"
cc -std=gnu11 -O2 -shared -fPIC -fvisibility=hidden -s -I "$include" "$source" -lm -o "every-$version-x86_64.so"
ls -l ./*.so ./*.xml
