#!/usr/bin/env bash
# its_hub 1.2.0: how wide the beam search is, and what asks the server to continue a step.
#
# A guess would be: a budget of 16 sends 16 requests, a greater beam_width searches wider, max_steps=3 gives three
# steps, and a local server is asked to continue the partial answer whatever its address is.
# Seen: the budget is that of one round, of which max_steps=3 gives four. The first round has budget/beam_width
# candidates; each round keeps up to beam_width and copies each budget/beam_width times. So 16 with beam_width 4
# sends 52 requests, and with beam_width 16 it is one path of 4 requests. The result has copies too: of 16
# responses 4 differ. continue_final_message is sent, at the top level and once more in an extra_body, unless the
# letters "openai" are in the URL, as in /openai/v1: then a partial answer goes out as if it were a whole turn.
#
# What to do: choose a beam_width of at most half the budget, expect up to budget * (max_steps + 1) requests, drop
# the copies, and give a server that should continue a URL without "openai".
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
install 'its-hub[lm]==1.2.0' numpy==2.4.6 aiohttp==3.14.5
observe <<'PY'
import asyncio, http.server, json, threading
from its_hub.core.algorithms.beam_search import BeamSearch
from its_hub.core.lms.openai_lm import OpenAICompatibleLanguageModel
from its_hub.core.lms.step_generation import StepGeneration

bodies = []
class Stub(http.server.BaseHTTPRequestHandler):
    def log_message(self, *more): pass
    def do_POST(self):
        bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        message = {"role": "assistant", "content": f"step {len(bodies)}"}
        reply = json.dumps({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

class Rewards:
    def __init__(self): self.rounds = []
    async def ascore(self, prompt, texts):
        self.rounds.append(len(texts))
        return [0.5] * len(texts)

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Stub)
threading.Thread(target=server.serve_forever, daemon=True).start()

def search(budget, width, path="/v1"):
    bodies.clear()
    rewards = Rewards()
    lm = OpenAICompatibleLanguageModel(f"http://127.0.0.1:{server.server_port}{path}", "none", "stub")
    beams = BeamSearch(StepGeneration(3, step_token="\n\n"), rewards, beam_width=width)
    return rewards.rounds, asyncio.run(beams.ainfer(lm, "2 + 2?", budget, return_response_only=False))

for budget, width in [(16, 4), (16, 8), (16, 16), (16, 1)]:
    rounds, result = search(budget, width)
    print(f"budget {budget}, beam_width {width}: {len(bodies)} requests, candidates a round {rounds}, steps {max(result.steps_used)},",
          f"responses {len(result.responses)}, different {len({r['content'] for r in result.responses})}")
for path in ("/v1", "/openai/v1"):
    search(4, 4, path)
    last = bodies[-1]
    print(path, "- last turn:", last["messages"][-1]["role"], "- continue_final_message:", last.get("continue_final_message"),
          "- extra_body:", last.get("extra_body"))
PY
expect <<'SEEN'
budget 16, beam_width 4: 52 requests, candidates a round [4, 16, 16, 16], steps 4, responses 16, different 4
budget 16, beam_width 8: 30 requests, candidates a round [2, 4, 8, 16], steps 4, responses 16, different 8
budget 16, beam_width 16: 4 requests, candidates a round [1, 1, 1, 1], steps 4, responses 1, different 1
budget 16, beam_width 1: 64 requests, candidates a round [16, 16, 16, 16], steps 4, responses 16, different 1
/v1 - last turn: assistant - continue_final_message: True - extra_body: {'add_generation_prompt': False, 'continue_final_message': True, 'include_stop_str_in_output': False}
/openai/v1 - last turn: assistant - continue_final_message: None - extra_body: None
SEEN
