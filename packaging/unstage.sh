#!/usr/bin/env bash
# unstage.sh PREFIX [DESTDIR]: removes what stage.sh put there, and nothing else.
set -euo pipefail
[[ ${1:-} == /* ]] || { echo "unstage: usage: unstage.sh PREFIX [DESTDIR]" >&2; exit 2; }
to=${2:-}$1
rm -rf "$to/lib/stratagem" "$to/include/stratagem" "$to/share/doc/stratagem"
rm -f "$to/bin/stratagem" "$to/lib/pkgconfig/stratagem.pc" "$to/share/man/man1/stratagem.1" \
    "$to/share/bash-completion/completions/stratagem" "$to/share/zsh/site-functions/_stratagem" \
    "$to/share/fish/vendor_completions.d/stratagem.fish"
