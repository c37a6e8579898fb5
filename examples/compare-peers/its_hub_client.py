#!/usr/bin/env python3
"""its_hub's self-consistency on the same server, as its README uses it: all problems one after the other, each with N
samples at once.

    its_hub_client.py URL DATA --problems P --samples N --flights F

Prints one line of JSON.
"""
import argparse
import json
import logging
import re
import time

from its_hub.core.algorithms.self_consistency import SelfConsistency
from its_hub.core.lms.openai_lm import OpenAICompatibleLanguageModel

NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")


def last_number(text: str) -> str:
    found = NUMBER.findall(text)
    return found[-1].replace(",", "") if found else ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("data")
    parser.add_argument("--problems", type=int, required=True)
    parser.add_argument("--samples", type=int, required=True)
    parser.add_argument("--flights", type=int, required=True)
    given = parser.parse_args()
    logging.disable(logging.WARNING)
    problems = [json.loads(line) for line in open(given.data, encoding="utf-8")][: given.problems]
    model = OpenAICompatibleLanguageModel(endpoint=given.url + "/v1", api_key="none", model_name="policy", temperature=1, max_tokens=900,
                                          max_concurrency=given.flights)
    algorithm = SelfConsistency(last_number)
    began, used = time.monotonic(), time.process_time()
    right = tokens = 0
    for problem in problems:
        result = algorithm.infer(model, problem["problem"], budget=given.samples, return_response_only=False)
        right += last_number(result.the_one["content"]) == problem["answer"]
        tokens += result.usage.completion_tokens
    print(json.dumps({"seconds": time.monotonic() - began, "client_seconds": time.process_time() - used,
                      "requests": given.problems * given.samples, "tokens": tokens, "right": right}))


if __name__ == "__main__":
    main()
