#!/bin/sh
# Builds llama.cpp's Jinja engine, by which models' chat templates are rendered: from the source
# release that build-llama.sh fetched, static, into ROOT/.build/llama/jinja/{include,lib}. Run
# after build-llama.sh. A second run does no work. It is a library of its own, so that what is
# changed here does not build llama.cpp anew.
#
#   build-jinja.sh [ROOT]         default: the repository this script lies in
#   LLAMA_SDIST=FILE              use this copy of the source release, do not download
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=${1:-$(cd "$here/../.." && pwd)}
base=$root/.build/llama

fail() { echo "build-jinja: $*" >&2; exit 1; }

# Which release it is, build-llama.sh says.
version=$(sed -n 's/^version=//p' "$here/build-llama.sh")
sha256=$(sed -n 's/^sha256=//p' "$here/build-llama.sh")

stamp="$version $(cat "$0" | cksum)"
[ "$(cat "$base/jinja/stamp" 2>/dev/null || true)" = "$stamp" ] && exit 0
[ -f "$base/include/ggml.h" ] || fail "llama.cpp is not built yet: run make llama"

if command -v flock >/dev/null 2>&1; then
    exec 9> "$base/lock"
    flock 9
    [ "$(cat "$base/jinja/stamp" 2>/dev/null || true)" = "$stamp" ] && exit 0
fi

sdist=$base/llama_cpp_python-$version.tar.gz
matches() { [ -f "$1" ] && [ "$(sha256sum < "$1" | cut -d' ' -f1)" = "$sha256" ]; }
if [ -n "${LLAMA_SDIST:-}" ]; then
    matches "$LLAMA_SDIST" || fail "$LLAMA_SDIST is not the source release of llama-cpp-python $version (SHA-256 $sha256)"
    sdist=$LLAMA_SDIST
elif ! matches "$sdist"; then
    python3 "$here/fetch.py" llama-cpp-python "$sha256" "$sdist" || fail "llama-cpp-python could not be fetched"
    matches "$sdist" || fail "the download has another SHA-256 than $sha256. Fetch it by hand and set LLAMA_SDIST to it"
fi

work=$base/jinja.$$
trap 'rm -rf "$work"' EXIT
rm -rf "$base"/jinja.*
mkdir -p "$work/src" "$work/objects" "$work/out/include/jinja" "$work/out/lib"
llama=llama_cpp_python-$version/vendor/llama.cpp
tar -xzf "$sdist" -C "$work/src" --strip-components=3 "$llama/common" "$llama/vendor/nlohmann"

echo "build-jinja: building the template engine (half a minute, once)"
for source in jinja/lexer jinja/parser jinja/runtime jinja/string jinja/value json unicode; do
    c++ -std=c++17 -O1 -fPIC -w -I"$work/src/common" -I"$work/src/vendor" -I"$base/include" \
        -c "$work/src/common/$source.cpp" -o "$work/objects/$(basename "$source").o" 2> "$base/build.log" ||
        { tail -n 30 "$base/build.log" >&2; fail "$source.cpp did not compile"; }
done
ar rcs "$work/out/lib/libjinja.a" "$work"/objects/*.o
cp "$work"/src/common/jinja/*.h "$work/out/include/jinja/"
cp "$work/src/common/json.h" "$work/out/include/"

printf '%s\n' "$stamp" > "$work/out/stamp"
rm -rf "$base/jinja"
mv "$work/out" "$base/jinja"
echo "build-jinja: done"
