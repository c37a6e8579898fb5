"""OpenAI's own Python client, unchanged, against a server at work.

    openai_client.py BASE_URL PROBLEM CONTENT

CONTENT is what `best-of-n@8` with seed 7 has to answer. Needs the package openai (see the Makefile for its version).
The strategy "slow" takes minutes, for what is broken off.
"""
import asyncio
import sys
import time
import urllib.request

import openai

base, problem, content = sys.argv[1:]
ask = {"model": "best-of-n@8", "seed": 7, "messages": [{"role": "user", "content": problem}]}
forever = {"model": "slow@1024", "messages": [{"role": "user", "content": "What is 2 + 2?"}]}
client = openai.OpenAI(base_url=base + "/v1", api_key="none", max_retries=0)


def running():
    text = urllib.request.urlopen(base + "/metrics").read().decode()
    return next(line for line in text.splitlines() if line.startswith("stratagem_searches_running ")).split()[1]


def settled():
    """The search has ended that its client gave up."""
    while running() != "0":
        time.sleep(0.05)


# Plain: content, usage, and what is ours beside it.
plain = client.chat.completions.create(**ask)
assert plain.choices[0].message.content == content, plain
assert plain.choices[0].finish_reason == "stop" and plain.object == "chat.completion"
assert plain.usage.total_tokens == plain.usage.prompt_tokens + plain.usage.completion_tokens > 0
assert plain.stratagem["answer"] and plain.stratagem["votes"] and plain.usage.verifier_tokens > 0

# Fields of ours.
told = client.chat.completions.create(**{**ask, "model": "stratagem"}, extra_body={"strategy": "best-of-n", "budget": 8})
assert told.choices[0].message.content == content

# Streamed, with usage and with the search.
chunks = list(client.chat.completions.create(**ask, stream=True, stream_options={"include_usage": True, "include_search": True}))
assert "".join(c.choices[0].delta.content or "" for c in chunks if c.choices) == content
assert chunks[-1].usage.completion_tokens == plain.usage.completion_tokens
assert any(c.stratagem["type"] == "nodes" for c in chunks if not c.choices and getattr(c, "stratagem", None))

# The older interface, and the models.
assert client.completions.create(model="best-of-n@8", prompt=problem, seed=7).choices[0].text == content
names = [model.id for model in client.models.list()]
assert "best-of-n@16" in names and client.models.retrieve("beam-search@4").id == "beam-search@4"

# Refusals are the client's own errors.
for change, kind, param in [({"model": "nobody@8"}, openai.NotFoundError, "model"), ({"n": 2}, openai.BadRequestError, "n"),
                            ({"tools": [{"type": "function", "function": {"name": "f"}}]}, openai.BadRequestError, "tools")]:
    try:
        client.chat.completions.create(**{**ask, **change})
        raise AssertionError(f"{change} was not refused")
    except kind as error:
        assert error.param == param, error

# A time-out ends the search on the server too.
try:
    client.with_options(timeout=0.5).chat.completions.create(**forever)
    raise AssertionError("it was not broken off")
except openai.APITimeoutError:
    settled()

# So does closing a stream.
stream = client.chat.completions.create(**forever, stream=True, stream_options={"include_search": True})
next(iter(stream))
stream.close()
settled()


async def many():
    async with openai.AsyncOpenAI(base_url=base + "/v1", api_key="none", max_retries=0) as other:
        answers = await asyncio.gather(*(other.chat.completions.create(**ask) for _ in range(8)))
        assert {one.choices[0].message.content for one in answers} == {content}
        text = ""
        async for chunk in await other.chat.completions.create(**ask, stream=True):
            text += chunk.choices[0].delta.content or ""
        assert text == content
        # A cancelled task.
        task = asyncio.create_task(other.chat.completions.create(**forever))
        while running() != "1":
            await asyncio.sleep(0.05)
        task.cancel()
        try:
            await task
            raise AssertionError("it was not cancelled")
        except asyncio.CancelledError:
            pass
    settled()


asyncio.run(many())
print("the openai client is content")
