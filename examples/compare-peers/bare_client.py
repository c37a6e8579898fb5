#!/usr/bin/env python3
"""A client of llama-server with nothing around it: the least that anybody can do with the same server.

    bare_client.py URL DATA --problems P --samples N --flights F [--whole] [--tokens T] [--template TEXT]

Sends P x N requests, F at a time, in the order of the problems, and lets the most frequent last number of a problem win.
The answers are streamed, and every event is read; with --whole, each comes as a whole. Prints one line of JSON.
"""
import collections
import concurrent.futures
import http.client
import json
import time
import urllib.parse

import work


def sample(host: str, port: int, prompt: str, seed: int, is_streamed: bool, most: int) -> tuple[str, int, int]:
    """One sample's text, the server's count of its tokens, and the number of events. llama-server closes a connection
    after a stream, so each request has its own."""
    connection = http.client.HTTPConnection(host, port, timeout=600)
    body = {"prompt": prompt, "n_predict": most, "seed": seed, "stream": is_streamed, "cache_prompt": True, "temperature": 1,
            "top_k": 0, "top_p": 1, "min_p": 0, "typical_p": 1, "repeat_penalty": 1, "stop": []}
    connection.request("POST", "/completion", json.dumps(body), {"Content-Type": "application/json"})
    answer = connection.getresponse()
    if answer.status != 200:
        raise RuntimeError(f"status {answer.status}: {answer.read()[:300]!r}")
    if not is_streamed:
        found = json.load(answer)
        connection.close()
        return found["content"], found["tokens_predicted"], 1
    text, tokens, events = [], 0, 0
    for line in answer:
        if not line.startswith(b"data: ") or line.startswith(b"data: [DONE]"):
            continue
        event = json.loads(line[6:])
        events += 1
        text.append(event["content"])
        if event.get("stop"):
            tokens = event["tokens_predicted"]
    connection.close()
    return "".join(text), tokens, events


def main() -> None:
    given = work.given(__doc__, is_bare=True)
    problems = given.questions
    url = urllib.parse.urlparse(given.url)

    def one(index: int, seed: int) -> tuple[int, str, int, int]:
        prompt = given.template.replace("{problem}", problems[index]["problem"])
        return index, *sample(url.hostname, url.port, prompt, seed, not given.whole, given.tokens)

    turns = [index for index in range(len(problems)) for _ in range(given.samples)]
    began, used = time.monotonic(), time.process_time()
    with concurrent.futures.ThreadPoolExecutor(given.flights) as pool:
        results = list(pool.map(one, turns, range(len(turns))))
    seconds, used = time.monotonic() - began, time.process_time() - used
    votes = collections.defaultdict(collections.Counter)
    for index, text, _, _ in results:
        if number := work.last_number(text):
            votes[index][number] += 1
    right = sum(votes[index].most_common(1)[0][0] == problem["answer"] for index, problem in enumerate(problems) if votes[index])
    print(json.dumps({"seconds": seconds, "client_seconds": used, "requests": len(results), "tokens": sum(one[2] for one in results),
                      "events": sum(one[3] for one in results), "right": right}))


if __name__ == "__main__":
    main()
