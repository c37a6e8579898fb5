#!/usr/bin/env python3
"""its_hub's beam search on the same server: 4 steps are kept in each round and each is continued N/4 times.

    its_hub_beam.py URL DATA --problems P --samples N --flights F

its_hub sends the steps so far as an answer that the assistant has begun, and llama-server repeats these in its reply
(findings/llama-server-prefill.sh), so that its paths would contain every step many times: here they are taken off. Steps
are judged by a program that reads arithmetic, in this process. Prints one line of JSON.
"""
import json
import logging
import time

from its_hub.api import AbstractProcessRewardModel
from its_hub.core.algorithms.beam_search import BeamSearch
from its_hub.core.lms.openai_lm import OpenAICompatibleLanguageModel
from its_hub.core.lms.step_generation import StepGeneration

import work

KEPT = 4


class Model(OpenAICompatibleLanguageModel):
    async def _agenerate(self, messages_lst, *more, **named):
        replies = await super()._agenerate(messages_lst, *more, **named)
        for messages, reply in zip(messages_lst, replies):
            if messages[-1].role == "assistant":
                reply["content"] = (reply["content"] or "").removeprefix(messages[-1].content)
        return replies


class Arithmetic(AbstractProcessRewardModel):
    def score(self, prompt, steps):
        return [work.arithmetic(one) for one in steps] if isinstance(steps, list) else work.arithmetic(steps)

    async def ascore(self, prompt, steps):
        return self.score(prompt, steps)


def main() -> None:
    given = work.given(__doc__)
    logging.disable(logging.WARNING)
    model = Model(endpoint=given.url + "/v1", api_key="none", model_name="policy", max_tokens=900, max_concurrency=given.flights)
    # An answer of the reference policy ends with a line that begins with "####".
    steps = StepGeneration(max_steps=40, step_token="\n", stop_token="####", temperature=1)
    search = BeamSearch(steps, Arithmetic(), beam_width=KEPT)
    began, used = time.monotonic(), time.process_time()
    right = 0
    for problem in given.questions:
        found = search.infer(model, problem["problem"], budget=given.samples)
        right += work.last_number(found["content"]) == problem["answer"]
    print(json.dumps({"seconds": time.monotonic() - began, "client_seconds": time.process_time() - used, "right": right}))


if __name__ == "__main__":
    main()
