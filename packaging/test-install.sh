#!/usr/bin/env bash
# test-install.sh BUILD: makes every package, installs each in a bare Debian 12 tree without Swift, and runs it there.
# Needs root (debootstrap, chroot) and a Debian mirror. The tree is kept in $BARE_TREE, if that is set, for the next time.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
[[ $(id -u) == 0 ]] || { echo "test-install: needs root, for debootstrap and chroot" >&2; exit 2; }
need() { command -v "$1" >/dev/null || DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$2" >/dev/null; }
apt-get update >/dev/null
need debootstrap debootstrap; need patchelf patchelf; need dpkg-shlibdeps dpkg-dev; need fakeroot fakeroot; need objdump binutils

work=$(mktemp -d)
bare=${BARE_TREE:-$work/bare}
tree=$work/tree
mounts=()
clean() {
    for mount in "${mounts[@]}"; do umount -R -l "$mount" || true; done
    rm -rf --one-file-system "$work"
}
trap clean EXIT
pass() { echo "ok    $*"; }

# ------------------------------------------------------------ the packages
deb=$("$here/deb.sh" "$build" "$work/out")
dist=$("$here/dist.sh" "$build" "$work/out")
wheel=$(python3 "$here/wheel.py" "$build" "$work/out")
ls -sh "$work/out"

# ------------------------------------------------- a bare tree for each of them
if [[ ! -e $bare/etc/debian_version ]]; then
    mirror=$(grep -rhoE 'https?://[^ ]*debian/?' /etc/apt/sources.list /etc/apt/sources.list.d 2>/dev/null | grep -v -e security -e snapshot | head -1 || true)
    debootstrap --variant=minbase bookworm "$bare" "${mirror:-http://deb.debian.org/debian}" > "$work/debootstrap.log" 2>&1 ||
        { tail -20 "$work/debootstrap.log" >&2; exit 1; }
fi
fresh() {
    for mount in "${mounts[@]}"; do umount -R -l "$mount"; done
    mounts=()
    rm -rf --one-file-system "$tree"
    cp -a "$bare" "$tree"
    cp /etc/resolv.conf "$tree/etc/resolv.conf"
    for conf in /etc/apt/apt.conf.d/*[Pp]roxy*; do [[ -e $conf ]] && cp "$conf" "$tree/etc/apt/apt.conf.d/"; done
    mount -t proc proc "$tree/proc" && mounts+=("$tree/proc")
    mount --rbind /dev "$tree/dev" && mount --make-rslave "$tree/dev" && mounts=("$tree/dev" "${mounts[@]}")
    inside 'test ! -e /opt/swift && ! command -v swift'
}
# As an ordinary user would have it: no variable but these. Proxies are the machine's own.
inside() {
    env -i PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
        ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} chroot "$tree" bash -euo pipefail -c "$1"
}
solves() {
    inside "cd /tmp && $1 solve --example 42 --seed 0" > "$work/answer" 2>&1 || { cat "$work/answer"; exit 1; }
    grep -q '54  (right)' "$work/answer" || { cat "$work/answer"; echo "FAILED: $2: example 42 was not solved"; exit 1; }
    inside "cd /tmp && $1 plugins" > "$work/plugins" 2>&1 || { cat "$work/plugins"; exit 1; }
    grep -q beam-search "$work/plugins" || { cat "$work/plugins"; echo "FAILED: $2: no beam-search"; exit 1; }
    pass "$2: solve --example 42, plugins"
}

fresh
cp "$deb" "$tree/tmp/stratagem.deb"
inside 'apt-get update >/dev/null; apt-get install -y --no-install-recommends /tmp/stratagem.deb >/tmp/apt.log 2>&1 || { cat /tmp/apt.log; exit 1; }'
solves stratagem 'Debian package'
inside 'apt-get install -y --no-install-recommends gcc libc6-dev make pkg-config >/dev/null 2>&1'
inside 'cd /tmp && stratagem new my-search --lang c >/dev/null && cd my-search && make >/dev/null && stratagem check my-search.so &&
    stratagem solve --example 42 --strategy ./my-search.so' > "$work/author" 2>&1 || { cat "$work/author"; echo "FAILED: an author's first steps"; exit 1; }
pass 'Debian package: new --lang c, make, check, solve'
inside 'cd /tmp && gcc -shared -fPIC $(pkg-config --cflags stratagem) my-search/my_search.c -o alone.so && stratagem solve --example 42 --strategy ./alone.so >/dev/null'
pass 'Debian package: built against the installed header by pkg-config'
inside 'su -s /bin/bash nobody -c "cd /tmp && HOME=/tmp/nobody stratagem solve --example 42" >/dev/null'
pass 'Debian package: another user'
inside 'apt-get remove -y stratagem >/dev/null 2>&1; test ! -e /usr/lib/stratagem && test ! -e /usr/bin/stratagem'
pass 'Debian package: removed without a trace'

fresh
inside 'apt-get update >/dev/null; apt-get install -y --no-install-recommends libffi8 libsqlite3-0 libstdc++6 >/dev/null 2>&1'
mkdir -p "$tree/srv/some where"
tar -xzf "$dist" -C "$tree/srv/some where"
inside 'mv "/srv/some where"/stratagem-* "/srv/some where/else" && ln -s "/srv/some where/else/bin/stratagem" /usr/local/bin/stratagem'
solves stratagem 'archive, moved, by a link in PATH'

fresh
cp "$wheel" "$tree/tmp/"
inside 'apt-get update >/dev/null; apt-get install -y --no-install-recommends python3-venv >/dev/null 2>&1
    python3 -m venv /venv && /venv/bin/pip install --no-index /tmp/*.whl >/dev/null'
solves /venv/bin/stratagem 'wheel'
inside '/venv/bin/python - <<TEXT
import stratagem
result = stratagem.solve(example=42, strategy="beam-search", budget=16)
assert result.answer == "54", result.answer
assert result._repr_svg_().lstrip().startswith("<"), "no tree"
try:
    stratagem.solve("2 + 2", strategy="beam-serch")
    raise SystemExit("an unknown strategy was taken")
except stratagem.StratagemError as error:
    assert error.status == 2 and "beam-search" in str(error), error
rows = [{"problem": "Ann has 3 apples and buys 4 more. How many apples does she have?", "answer": "7"}]
table = stratagem.evaluate(rows, strategy=["greedy", "majority"], budget=4)
assert len(table["results"]) == 2, table
TEXT'
pass 'wheel: solve, evaluate, errors and a tree from Python'
echo "all packages work in a bare tree"
