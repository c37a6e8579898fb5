#!/usr/bin/env bash
# deb.sh BUILD OUT: OUT/stratagem_VERSION_ARCH.deb. Its dependencies are what dpkg-shlibdeps finds in the files.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd) out=$2
for tool in dpkg-shlibdeps dpkg-deb fakeroot; do
    command -v "$tool" >/dev/null || { echo "deb: $tool is missing. On Debian or Ubuntu: apt-get install dpkg-dev fakeroot" >&2; exit 2; }
done
mkdir -p "$out"
out=$(cd "$out" && pwd)
version=$("$build/stratagem" --version | sed 's/^stratagem \([^,]*\),.*/\1/')
arch=$(dpkg --print-architecture)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$here/stage.sh" "$build" /usr --destdir "$work/tree" --with-swift
tree=$work/tree
gzip -9n "$tree/usr/share/man/man1/stratagem.1"
mkdir -p "$tree/usr/share/zsh/vendor-completions"
mv "$tree/usr/share/zsh/site-functions/_stratagem" "$tree/usr/share/zsh/vendor-completions/"
rmdir "$tree/usr/share/zsh/site-functions"
mv "$tree/usr/share/doc/stratagem/LICENSE" "$tree/usr/share/doc/stratagem/copyright"

# dpkg-shlibdeps wants a source package's control file beside it.
mkdir -p "$work/debian" "$tree/DEBIAN"
printf 'Source: stratagem\n\nPackage: stratagem\nArchitecture: any\n' > "$work/debian/control"
needs=$(cd "$work" && dpkg-shlibdeps -O --ignore-missing-info -l"$tree/usr/lib/stratagem" \
    "$tree"/usr/lib/stratagem/stratagem "$tree"/usr/lib/stratagem/stratagem-worker "$tree"/usr/lib/stratagem/*.so* 2>"$work/warnings" |
    sed -n 's/^shlibs:Depends=//p') || { grep -v '^dpkg-shlibdeps: warning'  "$work/warnings" >&2; exit 1; }
[[ -n $needs ]] || { echo "deb: dpkg-shlibdeps found no dependency at all, which cannot be true" >&2; cat "$work/warnings" >&2; exit 1; }

cat > "$tree/DEBIAN/control" <<TEXT
Package: stratagem
Version: $version
Architecture: $arch
Maintainer: The Stratagem developers <maintainers@users.noreply.example>
Installed-Size: $(du -sk --exclude=DEBIAN "$tree" | cut -f1)
Depends: $needs
Recommends: gnuplot-nox
Suggests: python3
Section: science
Priority: optional
Description: search strategies for LLM test-time compute, as plugins
 A language model that may try more than once, with a verifier that judges its
 steps, answers better than the same model greedily. This program owns model,
 verifier and budget, and loads search strategies as shared objects through a
 stable C interface: best-of-N, beam search, lookahead and many more. It solves
 problems, measures strategies, and checks plugins against their contract.
TEXT
file=$out/stratagem_${version}_$arch.deb
fakeroot dpkg-deb -Zxz -z1 --build "$tree" "$file" >/dev/null
echo "$file"
