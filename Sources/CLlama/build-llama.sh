#!/bin/sh
# Builds the llama.cpp that CLlama links: fetched once, checked by hash, static,
# CPU only, into ROOT/.build/llama/{include,lib}. A second run does no work.
#
#   build-llama.sh [ROOT]         default: the repository this script lies in
#   LLAMA_SDIST=FILE              use this copy of the source release, do not download
#
# The flags are chosen for equal results, not for the last percent of speed:
#   GGML_LLAMAFILE=ON   with one-order.patch, which takes its products for one row as for
#                       many: else a sample's bits would depend on what is in the batch;
#   AVX2, not native    results are the same on every x86 machine of the last ten
#                       years, and heads 32 wide are *faster* so: ggml's AVX-512
#                       kernels step by 64 and leave a narrow head to scalar code.
#                       Quantised weights alone use more if the processor has it:
#                       quantised-rows.c, a file of ours that is compiled into ggml.
set -eu

version=0.3.36
sha256=832db0699007f1be95a7e41ef12e88926b02ba836461e36a36372db2760c1a2e

here=$(cd "$(dirname "$0")" && pwd)
root=${1:-$(cd "$here/../.." && pwd)}
base=$root/.build/llama

fail() { echo "build-llama: $*" >&2; exit 1; }
need() { command -v "$1" >/dev/null 2>&1 || fail "$1 is missing. On Debian or Ubuntu: apt-get install $2"; }

case $(uname -m) in
x86_64 | amd64)
    if grep -qw avx2 /proc/cpuinfo 2>/dev/null; then
        cpu="-DGGML_NATIVE=OFF -DGGML_SSE42=ON -DGGML_AVX=ON -DGGML_AVX2=ON -DGGML_BMI2=ON -DGGML_FMA=ON -DGGML_F16C=ON"
    else
        cpu="-DGGML_NATIVE=ON"
    fi ;;
*)  cpu="-DGGML_NATIVE=ON" ;;
esac

stamp="$version $(cat "$0" "$here/fetch.py" "$here"/*.patch "$here"/quantised-rows.[ch] | cksum) $cpu"
[ "$(cat "$base/stamp" 2>/dev/null || true)" = "$stamp" ] && exit 0

need python3 python3
need c++ build-essential
need tar tar
need patch build-essential
need sha256sum coreutils
mkdir -p "$base"

# One builder at a time; whoever waited finds the work done.
if command -v flock >/dev/null 2>&1; then
    exec 9> "$base/lock"
    flock 9
    [ "$(cat "$base/stamp" 2>/dev/null || true)" = "$stamp" ] && exit 0
fi

# fetch PROJECT SHA256 TARGET [--unzip]: by hash; nothing of it is run here.
fetch() { python3 "$here/fetch.py" "$@" || fail "$1 could not be fetched"; }

# cmake and ninja from the system, else the wheels with these hashes, unpacked and not installed.
cmake=$(command -v cmake || true)
if [ -z "$cmake" ]; then
    case $(uname -m) in
    x86_64 | amd64)
        cmake_sha256=1c8b05df0602365da91ee6a3336fe57525b137706c4ab5675498f662ae1dbcec
        ninja_sha256=096487995473320de7f65d622c3f1d16c3ad174797602218ca8c967f51ec38a0 ;;
    aarch64 | arm64)
        cmake_sha256=42d9883b8958da285d53d5f69d40d9650c2d1bcf922d82b3ebdceb2b3a7d4521
        ninja_sha256=d3090d4488fadf6047d0d7a1db0c9643a8d391f0d94729554dbb89b5bdc769d7 ;;
    *)  fail "cmake is missing. On Debian or Ubuntu: apt-get install cmake" ;;
    esac
    tools=$base/tools-$(printf %.12s "$cmake_sha256")
    cmake=$tools/cmake/cmake/data/bin/cmake
    if [ ! -x "$cmake" ] || [ ! -x "$tools/bin/ninja" ]; then
        echo "build-llama: cmake is missing; unpacking cmake 3.31.6 and ninja 1.11.1.4 into .build/llama"
        rm -rf "$tools"
        mkdir -p "$tools/bin"
        fetch cmake "$cmake_sha256" "$tools/cmake" --unzip
        fetch ninja "$ninja_sha256" "$tools/ninja" --unzip
        cp "$tools"/ninja/ninja-*.data/scripts/ninja "$tools/bin/ninja" && chmod +x "$tools/bin/ninja" "$cmake"
    fi
    PATH=$tools/bin:$PATH
fi
generator="Unix Makefiles"
if command -v ninja >/dev/null 2>&1; then generator=Ninja
else need make make
fi

sdist=$base/llama_cpp_python-$version.tar.gz
matches() { [ -f "$1" ] && [ "$(sha256sum < "$1" | cut -d' ' -f1)" = "$sha256" ]; }
if [ -n "${LLAMA_SDIST:-}" ]; then
    matches "$LLAMA_SDIST" || fail "$LLAMA_SDIST is not the source release of llama-cpp-python $version (SHA-256 $sha256)"
    sdist=$LLAMA_SDIST
elif ! matches "$sdist"; then
    echo "build-llama: fetching llama.cpp (the source release of llama-cpp-python $version, 77 MB)"
    fetch llama-cpp-python "$sha256" "$sdist"
    matches "$sdist" || fail "the download has another SHA-256 than $sha256. Fetch it by hand and set LLAMA_SDIST to it"
fi

work=$base/work.$$
trap 'rm -rf "$work"' EXIT
rm -rf "$base"/work.*
mkdir -p "$work/src"
tar -xzf "$sdist" -C "$work/src" --strip-components=3 "llama_cpp_python-$version/vendor/llama.cpp"

cp "$here"/quantised-rows.[ch] "$work/src/ggml/src/ggml-cpu/"
for patch in "$here"/*.patch; do
    patch --quiet --directory="$work/src" --strip=1 < "$patch" || fail "$patch does not apply to llama.cpp as released with $version"
done

echo "build-llama: building llama.cpp (one to five minutes, once)"
{
    # shellcheck disable=SC2086
    "$cmake" -S "$work/src" -B "$work/build" -G "$generator" -DCMAKE_BUILD_TYPE=Release \
        -DBUILD_SHARED_LIBS=OFF -DCMAKE_POSITION_INDEPENDENT_CODE=ON \
        -DGGML_OPENMP=OFF -DGGML_LLAMAFILE=ON -DGGML_CPU_REPACK=OFF -DGGML_CCACHE=OFF $cpu \
        -DLLAMA_BUILD_COMMON=OFF -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_TOOLS=OFF -DLLAMA_BUILD_EXAMPLES=OFF \
        -DLLAMA_BUILD_SERVER=OFF -DLLAMA_BUILD_APP=OFF -DLLAMA_OPENSSL=OFF &&
    "$cmake" --build "$work/build" --target llama -j "$(getconf _NPROCESSORS_ONLN)"
} > "$base/build.log" 2>&1 || { tail -n 30 "$base/build.log" >&2; fail "llama.cpp did not build; the whole log is $base/build.log"; }

mkdir -p "$work/include" "$work/lib"
cp "$work"/src/include/llama.h "$work"/src/ggml/include/ggml*.h "$work"/src/ggml/include/gguf.h "$work/include/"
find "$work/build" -name '*.a' -exec cp {} "$work/lib/" \;
cp "$work/src/LICENSE" "$work/include/LICENSE.llama.cpp"
for library in llama ggml ggml-cpu ggml-base; do
    [ -f "$work/lib/lib$library.a" ] || fail "the build made no lib$library.a"
done

# The stamp goes first and comes last: an interrupted install is built again.
rm -f "$base/stamp"
rm -rf "$base/include" "$base/lib"
mv "$work/include" "$base/include"
mv "$work/lib" "$base/lib"
printf '%s\n' "$stamp" > "$base/stamp"
echo "build-llama: done"
