#!/usr/bin/env bash
# dist.sh BUILD OUT: OUT/stratagem-VERSION-linux-ARCH.tar.gz, which runs from wherever it is unpacked, without Swift.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=$1 out=$2
version=$("$build/stratagem" --version | sed 's/^stratagem \([^,]*\),.*/\1/')
name=stratagem-$version-linux-$(uname -m)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$here/stage.sh" "$build" / --destdir "$work/$name" --with-swift
mv "$work/$name/share/doc/stratagem/"{LICENSE,NOTICE} "$work/$name/"
cat > "$work/$name/README" <<TEXT
Stratagem $version. Run bin/stratagem, or put a link to it into your PATH; the folder may lie anywhere.
It needs libffi, SQLite and libstdc++: apt-get install libffi8 libsqlite3-0 libstdc++6
lib/pkgconfig/stratagem.pc is for an installation in /: give pkg-config --define-prefix.
TEXT
mkdir -p "$out"
tar -C "$work" --owner=0 --group=0 --numeric-owner --sort=name --mtime=@${SOURCE_DATE_EPOCH:-$(date +%s)} -czf "$out/$name.tar.gz.part" "$name"
mv "$out/$name.tar.gz.part" "$out/$name.tar.gz"
echo "$out/$name.tar.gz"
