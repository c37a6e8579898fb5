#!/usr/bin/env bash
# its_hub 1.2.0: self-consistency lets "no answer" win, and its own example pattern cuts fractions.
#
# A guess would be: samples without an answer have no vote, and different fractions are different.
# Seen: what the pattern does not find is None, and None votes: three texts without a box beat two
# that agree on 18. The pattern of its documentation, \\boxed\{([^}]+)\}, ends at the first closing
# brace, so 1/2 and 1/3 are both "\frac{1" and win together against a 7.
#
# What to do: give it a projection that reads nested braces and makes each failure a value of its own.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
install its-hub==1.2.0 numpy==2.4.6
observe <<'PY'
import asyncio
from its_hub.api import AbstractLanguageModel
from its_hub.core.algorithms.self_consistency import SelfConsistency, create_regex_projection_function

class Scripted(AbstractLanguageModel):
    def __init__(self, texts): self.texts = list(texts)
    async def agenerate(self, messages, stop=None, **more): return [await self.agenerate_single(m) for m in messages]
    async def agenerate_single(self, messages, stop=None, **more): return {"role": "assistant", "content": self.texts.pop(0)}

def vote(*texts):
    algorithm = SelfConsistency(create_regex_projection_function(r"\\boxed\{([^}]+)\}"))
    return asyncio.run(algorithm.ainfer(Scripted(texts), "?", len(texts), return_response_only=False))

result = vote(r"\boxed{18}", r"\boxed{18}", "It is hard.", "Let me think.", "Sorry.")
print("no box three times, 18 twice:", result.response_counts.most_common(1)[0], "an answer won:", "boxed" in result.the_one["content"])
result = vote(r"\boxed{\frac{1}{2}}", r"\boxed{\frac{1}{3}}", r"\boxed{7}")
print("1/2, 1/3 and 7:", result.response_counts.most_common(1)[0])
PY
expect <<'SEEN'
no box three times, 18 twice: ((None,), 3) an answer won: False
1/2, 1/3 and 7: (('\\frac{1',), 2)
SEEN
