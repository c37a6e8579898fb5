#!/usr/bin/env bash
# its_hub 1.2.0: scores that no verifier gave, and an option that does nothing.
#
# A guess would be: the scores of best-of-N are the verifier's, and resampling_method sets the resampling.
# Seen: if all texts are the same, as always with a budget of 1, the verifier is not asked and each
# score is 1.0. ParticleFiltering takes resampling_method, and drops it: "systematic" and
# even a method that does not exist leave the multinomial one. (EntropicParticleFiltering passes it on.)
#
# What to do: take no score of a single candidate for a verdict; use ParticleGibbs with one iteration.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
install its-hub==1.2.0 numpy==2.4.6
observe <<'PY'
import asyncio, types
from its_hub.api import AbstractLanguageModel
from its_hub.core.algorithms.bon import BestOfN
from its_hub.core.algorithms.particle_gibbs import EntropicParticleFiltering, ParticleFiltering

class Same(AbstractLanguageModel):
    async def agenerate(self, messages, stop=None, **more): return [await self.agenerate_single(m) for m in messages]
    async def agenerate_single(self, messages, stop=None, **more): return {"role": "assistant", "content": "5"}

class Verifier:
    calls = 0
    async def ascore(self, conversations, orchestrator=None):
        self.calls += 1
        return [0.01] * len(conversations)

for budget in (1, 4):
    verifier = Verifier()
    result = asyncio.run(BestOfN(verifier).ainfer(Same(), "2 + 2?", budget, return_response_only=False))
    print(f"budget {budget}: scores {result.scores}, verifier asked {verifier.calls} times")
steps = types.SimpleNamespace(max_steps=8)
for kind in (ParticleFiltering, EntropicParticleFiltering):
    for method in ("systematic", "no such method"):
        try: print(kind.__name__, repr(method), "->", kind(steps, None, resampling_method=method).resampling_method.value)
        except ValueError: print(kind.__name__, repr(method), "-> ValueError")
PY
expect <<'SEEN'
budget 1: scores [1.0], verifier asked 0 times
budget 4: scores [1.0, 1.0, 1.0, 1.0], verifier asked 0 times
ParticleFiltering 'systematic' -> multinomial
ParticleFiltering 'no such method' -> multinomial
EntropicParticleFiltering 'systematic' -> systematic
EntropicParticleFiltering 'no such method' -> ValueError
SEEN
