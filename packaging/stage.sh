#!/usr/bin/env bash
# Puts a built Stratagem under a prefix: what every package is made of.
#
#   stage.sh BUILD PREFIX [--destdir DIR] [--with-swift] [--with-system]
#
#   BUILD          the folder of the built program (.build/release)
#   PREFIX         where it will be found when it runs (/usr/local)
#   --destdir      write below DIR instead of /
#   --with-swift   copy Swift's libraries too, for machines without the toolchain
#   --with-system  copy libffi, SQLite and libstdc++ too, for machines without them
#
# The program, its worker, plugins, models and templates lie together in PREFIX/lib/stratagem, since the
# program looks beside itself, wherever that is. PREFIX/bin holds a relative link, so the whole tree may be moved.
set -euo pipefail

fail() { echo "stage: $*" >&2; exit 2; }
[[ $# -ge 2 ]] || fail "usage: stage.sh BUILD PREFIX [--destdir DIR] [--with-swift] [--with-system]"
build=$(cd "$1" && pwd) prefix=$2
shift 2
destdir= swift= system=
while (($#)); do
    case $1 in
    --destdir) [[ $# -ge 2 ]] || fail "--destdir needs a folder"; destdir=$2; shift ;;
    --with-swift) swift=1 ;;
    --with-system) system=1 ;;
    *) fail "unknown option $1" ;;
    esac
    shift
done
[[ $prefix == /* ]] || fail "PREFIX is '$prefix'. Expected a path from the root, such as /usr/local"
[[ -x $build/stratagem && -x $build/stratagem-worker ]] || fail "$build holds no stratagem and stratagem-worker. Run 'make build' first"

root=$(cd "$(dirname "$0")/.." && pwd)
to=$destdir$prefix
home=$to/lib/stratagem

# An older installation goes first: a plugin that no longer exists must not be found.
rm -rf "$home"
install -d "$home/plugins" "$to/bin" "$to/include/stratagem" "$to/lib/pkgconfig" "$to/share/man/man1" "$to/share/doc/stratagem" \
    "$to/share/bash-completion/completions" "$to/share/zsh/site-functions" "$to/share/fish/vendor_completions.d"
for program in stratagem stratagem-worker; do
    install "$build/$program" "$home/$program"
    strip --strip-debug "$home/$program"
done
shopt -s nullglob
plugins=("$build"/libstg-*.so)
((${#plugins[@]})) || fail "$build holds no plugins (libstg-*.so)"
install -m 644 "${plugins[@]}" "$home/plugins/"
cp -R "$build/stratagem_ReferenceModels.resources" "$build/stratagem_Scaffold.resources" "$home/"
chmod -R u+rwX,go+rX,go-w "$home"
ln -sfn ../lib/stratagem/stratagem "$to/bin/stratagem"

install -m 644 "$root"/Sources/CStratagem/include/*.h "$to/include/stratagem/"
version=$("$build/stratagem" --version | sed 's/^stratagem \([^,]*\),.*/\1/')
sed -e "s|@PREFIX@|$prefix|g" -e "s|@VERSION@|$version|g" "$root/packaging/stratagem.pc.in" > "$to/lib/pkgconfig/stratagem.pc"
install -m 644 "$root/docs/stratagem.1" "$to/share/man/man1/"
install -m 644 "$root/LICENSE" "$root/NOTICE" "$to/share/doc/stratagem/"
"$build/stratagem" --generate-completion-script bash > "$to/share/bash-completion/completions/stratagem"
"$build/stratagem" --generate-completion-script zsh > "$to/share/zsh/site-functions/_stratagem"
"$build/stratagem" --generate-completion-script fish > "$to/share/fish/vendor_completions.d/stratagem.fish"

# What the program and its plugins need, as the loader finds it here.
libraries() {
    ldd "$home/stratagem" "$home/stratagem-worker" "$home"/plugins/*.so | awk '$2 == "=>" && $3 ~ /^\// {print $3}' | sort -u
}
copy() { cp -L "$1" "$home/"; chmod 644 "$home/$(basename "$1")"; }
if [[ -n $swift ]]; then
    libraries | grep '/swift/' | while read -r library; do copy "$library"; done
fi
if [[ -n $system ]]; then
    libraries | grep -E '/lib(ffi|sqlite3|stdc\+\+|gcc_s|z)\.so' | while read -r library; do copy "$library"; done
fi
# SwiftPM's programs look beside themselves ($ORIGIN) after the toolchain's folder, which other machines
# lack. The link to the toolchain goes, so that a copy with its own libraries does not use another machine's.
if [[ -n $swift ]]; then
    command -v patchelf >/dev/null || fail "patchelf is missing. On Debian or Ubuntu: apt-get install patchelf"
    for file in "$home/stratagem" "$home/stratagem-worker" "$home"/lib*.so*; do patchelf --set-rpath '$ORIGIN' "$file"; done
    for file in "$home"/plugins/*.so; do patchelf --set-rpath '$ORIGIN/..' "$file"; done
fi
