#!/usr/bin/env python3
"""its_hub's self-consistency on the same server, as its README uses it: all problems one after the other, each with N
samples at once.

    its_hub_client.py URL DATA --problems P --samples N --flights F

Prints one line of JSON.
"""
import json
import logging
import time

from its_hub.core.algorithms.self_consistency import SelfConsistency
from its_hub.core.lms.openai_lm import OpenAICompatibleLanguageModel

import work


def main() -> None:
    given = work.given(__doc__)
    logging.disable(logging.WARNING)
    model = OpenAICompatibleLanguageModel(endpoint=given.url + "/v1", api_key="none", model_name="policy", temperature=1, max_tokens=900,
                                          max_concurrency=given.flights)
    algorithm = SelfConsistency(work.last_number)
    began, used = time.monotonic(), time.process_time()
    right = tokens = 0
    for problem in given.questions:
        result = algorithm.infer(model, problem["problem"], budget=given.samples, return_response_only=False)
        right += work.last_number(result.the_one["content"]) == problem["answer"]
        tokens += result.usage.completion_tokens
    print(json.dumps({"seconds": time.monotonic() - began, "client_seconds": time.process_time() - used,
                      "requests": given.problems * given.samples, "tokens": tokens, "right": right}))


if __name__ == "__main__":
    main()
