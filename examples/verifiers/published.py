"""The published way to read each verifier, written anew over transformers: what prove.py compares with.

Each function takes a model, the tokenizer's `encode` (text to ids, special tokens in it read as such, none added), a problem and the
steps of an answer, and returns one value for each step; `classifier` and `judge` one for the answer. `genprm` and `thinkprm` also take
`spell` (an id to its bytes), and return None if the model does not come to a verdict.
"""
# SPDX-License-Identifier: Apache-2.0
import torch

SYSTEM = "Please reason step by step, and put your final answer within \\boxed{}."


def hidden(model, ids):
    with torch.no_grad(): return model.model(input_ids=torch.tensor([ids])).last_hidden_state[0]


def logits(model, ids):
    with torch.no_grad(): return model(input_ids=torch.tensor([ids])).logits[0]


def math_shepherd(model, encode, problem, steps, bos=1, good=648, bad=387, tag=12902):
    """peiyi9979/math-shepherd-mistral-7b-prm: its model card."""
    ids = [bos] + encode(f"{problem} " + "\n".join(f"{step} ки" for step in steps))
    scores = logits(model, ids)[:, [good, bad]].softmax(dim=-1)[:, 0]
    return scores[torch.tensor(ids) == tag].tolist()


def rlhflow(model, encode, problem, steps, good=10, bad=12):
    """RLHFlow/RLHF-Reward-Modeling, math-rm/prm_evaluate.py: a conversation that grows by a step and a "+"."""
    text, values = "<|begin_of_text|>", []
    for place, step in enumerate(steps):
        user = f"{problem} {step}" if place == 0 else step
        text += f"<|start_header_id|>user<|end_header_id|>\n\n{user.strip()}<|eot_id|>"
        text += "<|start_header_id|>assistant<|end_header_id|>\n\n+<|eot_id|>"
        values.append(logits(model, encode(text))[-3, [good, bad]].softmax(dim=-1)[0].item())
    return values


def qwen_prm(model, encode, problem, steps, tag=151651):
    """Qwen/Qwen2.5-Math-PRM-7B: make_step_rewards of its model card; `model.score` as in its modeling file."""
    text = (f"<|im_start|>system\n{SYSTEM}<|im_end|>\n<|im_start|>user\n{problem}<|im_end|>\n"
            f"<|im_start|>assistant\n{'<extra_0>'.join(steps)}<extra_0><|im_end|>\n")
    ids = encode(text)
    with torch.no_grad(): scores = model.score(hidden(model, ids)).softmax(dim=-1)[:, 1]
    return scores[torch.tensor(ids) == tag].tolist()


def skywork(model, encode, problem, steps, bos="<|endoftext|>"):
    """SkyworkAI/skywork-o1-prm-inference, model_utils/io_utils.py: prepare_input and derive_step_rewards."""
    ids, flags = encode(bos + problem + "\n"), []
    feed = encode("\n")[-1]
    flags = [0] * len(ids)
    for piece in "\n".join(steps).split("\n"):
        step = (encode(piece) if piece != "" else []) + [feed]
        ids += step
        flags += [0] * (len(step) - 1) + [1]
    with torch.no_grad(): values = torch.sigmoid(model.v_head(hidden(model, ids)).squeeze(-1))
    return [value for value, flag in zip(values.tolist(), flags) if flag]


def classifier(model, encode, problem, steps):
    """A sequence classifier over a conversation (Skywork-Reward-Llama-3.1, FsfairX-LLaMA3-RM): the only label's logit at the
    last token; the sigmoid of it, which keeps the order."""
    text = (f"<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\n{problem}<|eot_id|>"
            f"<|start_header_id|>assistant<|end_header_id|>\n\n" + "\n".join(steps) + "<|eot_id|>")
    return [torch.sigmoid(logits(model, encode(text))[0]).item()]


QUESTION = "\n\nIs this solution right? Answer with Yes or No."


def judge(model, encode, problem, steps, good="Yes", bad="No"):
    """A chat model as a judge: P(Yes) / (P(Yes) + P(No)) for the token after the question."""
    text = (f"<|im_start|>user\nProblem: {problem}\n\nSolution:\n" + "\n".join(steps) + QUESTION
            + "<|im_end|>\n<|im_start|>assistant\n")
    ids = encode(good) + encode(bad)
    return [logits(model, encode(text))[-1, ids].softmax(dim=-1)[0].item()]


# ------------------------------------------------ verifiers that write first

# A thought of random weights ends at a letter that they come to, and not where those of trained weights do.
THINK, UNTIL = 12, [b"e"]


class Doubtful(Exception):
    """Two tokens are about as likely: other kernels may write another text."""


def think(model, spell, ids, near=0.01):
    """The likeliest tokens up to the first of UNTIL: whole tokens, and the text between them and the end. None without an end."""
    kept, text, ends, cache = [], b"", [], None
    feed = ids
    for _ in range(THINK):
        with torch.no_grad(): out = model(input_ids=torch.tensor([feed]), past_key_values=cache, use_cache=True)
        cache, row = out.past_key_values, out.logits[0, -1]
        top = row.topk(2)
        token = top.indices[0].item()
        piece = spell(token)
        if piece is None or (top.values[0] - top.values[1]) < near * row.std(): raise Doubtful
        text += piece
        at = min((text.find(end) for end in UNTIL if end in text), default=None)
        if at is not None:
            whole = sum(end <= at for end in ends)
            rest = text[ends[whole - 1] if whole else 0:at]
            try: return kept[:whole], rest.decode()
            except UnicodeDecodeError: raise Doubtful from None
        kept.append(token)
        ends.append(len(text))
        feed = [token]
    return None


TEACHER = "You are a math teacher. Your task is to review and critique the paragraphs in solution step by step."


def genprm(model, encode, problem, steps, spell, good="Yes", bad="No"):
    """RyanLiu112/GenPRM, prm_evaluation/prm_evaluate.py and genprm_inference.py with --analyze alone: a turn for each step, an analysis,
    and P(Yes) / (P(Yes) + P(No)) in the box behind it. Analyses stay in the conversation."""
    verdicts = encode(good) + encode(bad)
    text = f"<|im_start|>system\n{TEACHER}<|im_end|>\n<|im_start|>user\n{problem}\n"
    ids, values = [], []
    for number, step in enumerate(steps, 1):
        text += f"{step}<|im_end|>\n<|im_start|>assistant\n<analyze>\nLet's analyze the Paragraph {number} step by step: "
        ids += encode(text)
        thought = think(model, spell, ids)
        if thought is None: return None
        ids += thought[0] + encode(thought[1] + "</analyze>\n<output>\n**Judgement**: $\\boxed{")
        shares = logits(model, ids)[-1, verdicts].softmax(dim=-1)
        values.append(shares[0].item())
        ids.append(verdicts[shares.argmax().item()])
        text = "}$\n</output>\n<|im_end|>\n<|im_start|>user\n"
    return values


INSTRUCTION = ("Review and critique each step in the proposed solution to determine whether each step is correct. "
               "If the solution is incomplete, only verify the provided steps.")


def thinkprm(model, encode, problem, steps, spell, good=" Yes", bad=" No"):
    """mukhal/ThinkPRM, prm/thinkprm_api.py: a thought about all steps so far, then the question whether they are right. The words are
    those of its training data."""
    verdicts, values = encode(good) + encode(bad), []
    for count in range(1, len(steps) + 1):
        solution = "\n".join(steps[:count])
        ids = encode(f"<｜begin▁of▁sentence｜><｜User｜>You are given a math problem and a proposed step-by-step solution:\n\n"
                     f"[Math Problem]\n\n{problem}\n\n[Solution]\n\n{solution}\n\n{INSTRUCTION}<｜Assistant｜><think>\n"
                     "\nLet's verify step by step:")
        thought = think(model, spell, ids)
        if thought is None: return None
        ids += thought[0] + encode(thought[1] + "\nIs the solution correct?")
        values.append(logits(model, ids)[-1, verdicts].softmax(dim=-1)[0].item())
    return values
