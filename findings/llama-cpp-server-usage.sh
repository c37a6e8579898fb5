#!/usr/bin/env bash
# llama-cpp-python's server (PyPI llama-cpp-python[server] 0.3.36): usage in a stream.
#
# A guess would be: "stream_options": {"include_usage": true} adds a last event with usage, as in OpenAI's API, or
# the server refuses what it does not know.
# Seen: it answers 200, and no event of the stream has usage, in /v1/completions and in /v1/chat/completions, with
# or without the option. An option with a senseless value and one that does not exist are taken as well. The same
# request without a stream has usage.
#
# What to do: take a stream without usage for "not known", not for 0; ask for whole answers where the count matters.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
export CMAKE_ARGS="-DLLAVA_BUILD=OFF -DCMAKE_C_FLAGS_RELEASE=-O1 -DCMAKE_CXX_FLAGS_RELEASE=-O1" # a shorter compilation
install 'llama-cpp-python[server]==0.3.36' gguf==0.19.0 numpy==2.4.6
"$folder/venv/bin/python" "$here/random_model.py" "$folder/model.gguf"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
export url=http://127.0.0.1:$port
"$folder/venv/bin/python" -m llama_cpp.server --model "$folder/model.gguf" --host 127.0.0.1 --port "$port" --n_ctx 256 \
    --n_threads 1 --n_threads_batch 1 >"$folder/log" 2>&1 &
server=$!
for _ in $(seq 240); do
    python3 -c "import urllib.request as u; u.urlopen('$url/v1/models')" 2>/dev/null && break
    sleep 0.5
done
observe <<'PY'
import json, os, urllib.request

def ask(path, **body):
    body |= dict(max_tokens=5, temperature=0)
    request = urllib.request.Request(os.environ["url"] + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer: return answer.status, answer.read().decode()

for path, prompt in [("/v1/completions", dict(prompt="2 + 2 =")), ("/v1/chat/completions", dict(messages=[dict(role="user", content="2 + 2?")]))]:
    status, whole = ask(path, **prompt)
    print(path, "whole: status", status, json.loads(whole)["usage"])
    for more in [{}, {"stream_options": {"include_usage": True}}, {"stream_options": {"include_usage": "perhaps"}}, {"no_such_option": 1}]:
        status, stream = ask(path, stream=True, **prompt, **more)
        events = [json.loads(line[6:]) for line in stream.splitlines() if line.startswith("data: {")]
        print(path, "stream", more, "- status", status, "- finished:", events[-1]["choices"][0]["finish_reason"],
              "- events with usage:", sum("usage" in event for event in events))
PY
expect <<'SEEN'
/v1/completions whole: status 200 {'prompt_tokens': 8, 'completion_tokens': 5, 'total_tokens': 13}
/v1/completions stream {} - status 200 - finished: length - events with usage: 0
/v1/completions stream {'stream_options': {'include_usage': True}} - status 200 - finished: length - events with usage: 0
/v1/completions stream {'stream_options': {'include_usage': 'perhaps'}} - status 200 - finished: length - events with usage: 0
/v1/completions stream {'no_such_option': 1} - status 200 - finished: length - events with usage: 0
/v1/chat/completions whole: status 200 {'prompt_tokens': 24, 'completion_tokens': 5, 'total_tokens': 29}
/v1/chat/completions stream {} - status 200 - finished: length - events with usage: 0
/v1/chat/completions stream {'stream_options': {'include_usage': True}} - status 200 - finished: length - events with usage: 0
/v1/chat/completions stream {'stream_options': {'include_usage': 'perhaps'}} - status 200 - finished: length - events with usage: 0
/v1/chat/completions stream {'no_such_option': 1} - status 200 - finished: length - events with usage: 0
SEEN
