#!/usr/bin/env python3
"""Compares our read-outs with the published ones, on tiny random models with the real tokenizers:

    prove.py FOLDER LLAMA_SDIST        makes a folder for each verifier: checkpoint, GGUF, head, bundle, expected values
    (make test-verifiers runs this, and the test that reads FOLDER)

Nobody needs the published weights for this: whether a text is laid out, tokenised and read as published can be seen on any weights.
The vocabularies are those of packages on PyPI (see requirements.txt): Mistral 7B's, Llama 3's and Qwen's, with the published ids.
LLAMA_SDIST is the source release of llama-cpp-python that build-llama.sh fetches: llama.cpp's own converter is in it.
"""
# SPDX-License-Identifier: Apache-2.0
import base64
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import sysconfig
import tarfile
from functools import partial

os.environ["HF_HUB_OFFLINE"] = "1"
here = pathlib.Path(__file__).resolve().parent
import sentencepiece
import torch
import transformers
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

import published

TEXTS = 200
QWEN = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
LLAMA = QWEN.replace(r"\p{N}|", r"\p{N}{1,3}|")


# ---------------------------------------------------------------- tokenizers

def resource(*path): return pathlib.Path(sysconfig.get_path("purelib"), *path)


def merges(ranks):
    """A byte-pair vocabulary by rank, as merges: the two parts of each token."""
    pairs = []
    for token, rank in ranks.items():
        parts = [token[i:i + 1] for i in range(len(token))]
        while len(parts) > 2:
            best = min(range(len(parts) - 1), key=lambda i: ranks.get(parts[i] + parts[i + 1], rank))
            if ranks.get(parts[best] + parts[best + 1], rank) >= rank: break
            parts[best:best + 2] = [parts[best] + parts[best + 1]]
        if len(parts) == 2: pairs.append(tuple(parts))
    return pairs


# GPT-2's spelling of bytes: printable ones are themselves.
PRINTABLE = [*range(33, 127), *range(161, 173), *range(174, 256)]
SPELL = {byte: chr(byte) for byte in PRINTABLE}
SPELL |= {byte: chr(256 + place) for place, byte in enumerate(sorted(set(range(256)) - set(PRINTABLE)))}


def byte_pairs(file, pattern, special, normalizer=None, beginning=None):
    """The tokenizer of a file with a token and its rank on each line (tiktoken's form)."""
    ranks = {base64.b64decode(line.split()[0]): int(line.split()[1]) for line in file.read_bytes().splitlines() if line}
    word = lambda token: "".join(SPELL[byte] for byte in token)
    tokenizer = Tokenizer(models.BPE(
        vocab={word(token): rank for token, rank in ranks.items()},
        merges=[(word(a), word(b)) for a, b in merges(ranks)], ignore_merges=beginning is not None, fuse_unk=False))
    if normalizer: tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(pattern), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in special])
    if beginning:
        tokenizer.post_processor = processors.TemplateProcessing(
            single=f"{beginning} $A", special_tokens=[(beginning, tokenizer.token_to_id(beginning))])
    return tokenizer


def qwen():
    # Qwen2.5's 22 added tokens; in Qwen2.5-Math-PRM, 151651 is <extra_0>.
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"] + [f"<|special_{i}|>" for i in range(5)] + ["<extra_0>"]
    special += [f"<|special_{i}|>" for i in range(6, 19)]
    tokenizer = byte_pairs(resource("dashscope", "resources", "qwen.tiktoken"), QWEN, special, normalizers.NFC())
    assert tokenizer.token_to_id("<extra_0>") == 151651
    return tokenizer, dict(eos_token="<|im_end|>", pad_token="<|endoftext|>")


def r1():
    # DeepSeek-R1-Distill-Qwen: Qwen's vocabulary, other names of the added tokens. Those of a thought are text to the model's users.
    special = ["<｜end▁of▁sentence｜>", "<｜User｜>", "<｜Assistant｜>", "<｜begin▁of▁sentence｜>", "<|EOT|>"]
    tokenizer = byte_pairs(resource("dashscope", "resources", "qwen.tiktoken"), QWEN, special, normalizers.NFC())
    tokenizer.add_tokens([AddedToken(token, special=False, normalized=False) for token in ["<think>", "</think>"]])
    assert tokenizer.token_to_id("<think>") == 151648
    return tokenizer, dict(bos_token="<｜begin▁of▁sentence｜>", eos_token="<｜end▁of▁sentence｜>", pad_token="<｜end▁of▁sentence｜>")


BYTES = {letter: byte for byte, letter in SPELL.items()}


def speller(made, ordinary=151643):
    """The bytes of a token; None for tokens that are no text of the vocabulary."""
    words = made[0].get_vocab()
    by_id = {id: bytes(BYTES[letter] for letter in word) for word, id in words.items() if id < ordinary}
    return by_id.get


def llama3():
    names = ["begin_of_text", "end_of_text", "reserved_0", "reserved_1", "finetune_right_pad_id", "reserved_2", "start_header_id",
             "end_header_id", "eom_id", "eot_id", "python_tag"] + [f"reserved_{i}" for i in range(3, 248)]
    tokenizer = byte_pairs(resource("llama_models", "llama3", "tokenizer.model"), LLAMA, [f"<|{name}|>" for name in names],
                           beginning="<|begin_of_text|>")
    assert tokenizer.token_to_id("<|eot_id|>") == 128009
    return tokenizer, dict(bos_token="<|begin_of_text|>", eos_token="<|eot_id|>", pad_token="<|finetune_right_pad_id|>")


def fast(made):
    """How to encode, and how to keep the tokenizer beside a checkpoint."""
    tokenizer, roles = made
    whole = transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, **roles)
    encode = lambda text: tokenizer.encode(text, add_special_tokens=False).ids
    return encode, lambda folder: whole.save_pretrained(folder), tokenizer.get_vocab_size()


def mistral():
    file = resource("mistral_common", "data", "tokenizer.model.v1")
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(file))
    return pieces.encode, lambda folder: shutil.copy(file, folder / "tokenizer.model"), pieces.get_piece_size()


# -------------------------------------------------------------------- models

SHAPE = dict(hidden_size=64, intermediate_size=96, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
             max_position_embeddings=2048)


def randomise(model, seed):
    """Weights large enough for values all over [0, 1]."""
    torch.manual_seed(seed)
    for name, parameter in model.named_parameters():
        if "norm" in name: torch.nn.init.uniform_(parameter, 0.6, 1.4)
        else: torch.nn.init.normal_(parameter, std=0.5 if "embed" in name or parameter.dim() == 1 else 0.15)
    return model.eval()


def causal(kind, size, **more):
    config = {"mistral": transformers.MistralConfig, "llama": transformers.LlamaConfig, "qwen2": transformers.Qwen2Config}[kind]
    return transformers.AutoModelForCausalLM.from_config(config(vocab_size=size, tie_word_embeddings=False, **SHAPE, **more))


def with_head(model, name, head):
    model.add_module(name, head)
    return model


class ValueHead(torch.nn.Module):
    """As trl's, without its dropout."""

    def __init__(self):
        super().__init__()
        self.summary = torch.nn.Linear(SHAPE["hidden_size"], 1)

    def forward(self, states): return self.summary(states)


def two_layers():
    width = SHAPE["hidden_size"]
    return torch.nn.Sequential(torch.nn.Linear(width, width), torch.nn.ReLU(), torch.nn.Linear(width, 2))


def sequence_classifier(size):
    config = transformers.LlamaConfig(vocab_size=size, num_labels=1, pad_token_id=128004, **SHAPE)
    return transformers.LlamaForSequenceClassification(config)


# --------------------------------------------------------------------- texts

def texts(path, seed):
    """Problems with the steps of an answer: the shipped problems, and lines as models write them."""
    draw = random.Random(seed)
    problems = [json.loads(line)["problem"] for line in path.read_text().splitlines()]
    forms = ["First, {a} + {b} = {c}.", "So we have {a} times {b}", "**Step {a}:** Let $x = \\frac{{{a}}}{{{b}}}$.", "  - {a}, {b}: {c}",
             "Thus, the answer is \\boxed{{{c}}}", "Da {a} größer ist als {b}, gilt: {c}!", "因此 {a} 加 {b} 等于 {c}。", "{a}*{b}={c}; ok?)",
             "\tx = {a}", "It's {a}'s turn: {c}%...", "\\[ {a} \\le x \\le {b} \\]", "She has ${a}.50 – {b} more 🙂", "#### {c}", "1. {a}"]
    while True:
        numbers = dict(a=draw.randrange(100), b=draw.randrange(100_000), c=draw.randrange(10_000))
        yield draw.choice(problems), [draw.choice(forms).format(**numbers) for _ in range(draw.randrange(1, 7))]


class Case:
    """A verifier: its model, its published reading, and the lines of its bundle."""

    def __init__(self, name, tokenizer, model, read, table, steps='step_delimiter = "\\n"', vary=None):
        self.name, self.tokenizer, self.model, self.read = name, tokenizer, model, read
        self.table, self.steps, self.vary = table, steps, vary

    def bundle(self):
        lines = [f'name = "{self.name}"', self.steps, "context = 1024", "[template]", 'problem = "{problem}\\n"', "[models.policy]",
                 'gguf = "model.gguf"', "[models.verifier]", 'gguf = "model.gguf"']
        return "\n".join(lines + [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in self.table.items()]) + "\n"


def blank_lines(draw, steps):
    """Blank lines before some steps, which published code is not shown."""
    return [draw.choice(["", "", "\n", "\n \n"]) + step if place else step for place, step in enumerate(steps)]


def long_steps(draw, steps):
    """Steps of several lines."""
    return [step if draw.random() < 0.6 else f"{step}\n{step}" for step in steps]


def cases():
    turn = dict(kind="prm", read_out="turn", good="+", bad=["-"],
                template="<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\n{problem} ")
    system = f"<|im_start|>system\n{published.SYSTEM}<|im_end|>\n"
    math = dict(kind="prm", read_out="head", head="head.safetensors", tag="<extra_0>",
                template=system + "<|im_start|>user\n{problem}<|im_end|>\n<|im_start|>assistant\n")
    value = dict(kind="prm", read_out="head", head="head.safetensors", tag="\n", template="<|endoftext|>{problem}\n")
    outcome = dict(kind="orm", read_out="head", head="head.safetensors", closing="<|eot_id|>",
                   template="<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\n{problem}<|eot_id|>"
                            "<|start_header_id|>assistant<|end_header_id|>\n\n")
    verdict = dict(kind="orm", read_out="token", good="Yes", bad=["No"],
                   template="<|im_start|>user\nProblem: {problem}\n\nSolution:\n",
                   closing=published.QUESTION + "<|im_end|>\n<|im_start|>assistant\n")
    shepherd = dict(kind="prm", read_out="step-tag", template="{problem} ")
    size = 152_064
    yield Case("math-shepherd", mistral(), lambda: causal("mistral", 32_000), published.math_shepherd, shepherd)
    llama, qwen2 = fast(llama3()), fast(qwen())
    yield Case("rlhflow", llama, lambda: causal("llama", 128_256), published.rlhflow, turn)
    yield Case("qwen-prm", qwen2, lambda: with_head(causal("qwen2", size), "score", two_layers()), published.qwen_prm, math,
               steps='step_delimiter = "\\n\\n"', vary=long_steps)
    yield Case("skywork", qwen2, lambda: with_head(causal("qwen2", size), "v_head", ValueHead()), published.skywork, value,
               steps='steps = "line"', vary=blank_lines)
    yield Case("classifier", llama, lambda: sequence_classifier(128_256), published.classifier, outcome, vary=long_steps)
    yield Case("judge", qwen2, lambda: causal("qwen2", size), published.judge, verdict, vary=blank_lines)
    until = [end.decode() for end in published.UNTIL]
    genprm = dict(kind="prm", read_out="judge", think=published.THINK, until=until, yes=["Yes"], no=["No"],
                  template=f"<|im_start|>system\n{published.TEACHER}<|im_end|>\n<|im_start|>user\n{{problem}}\n",
                  ask="<|im_end|>\n<|im_start|>assistant\n<analyze>\nLet's analyze the Paragraph {number} step by step: ",
                  verdict="</analyze>\n<output>\n**Judgement**: $\\boxed{", next="}$\n</output>\n<|im_end|>\n<|im_start|>user\n")
    thinkprm = dict(kind="prm", read_out="judge", think=published.THINK, until=until, yes=[" Yes"], no=[" No"],
                    template="<｜begin▁of▁sentence｜><｜User｜>You are given a math problem and a proposed step-by-step solution:\n\n"
                             "[Math Problem]\n\n{problem}\n\n[Solution]\n\n",
                    ask=f"\n\n{published.INSTRUCTION}<｜Assistant｜><think>\n\nLet's verify step by step:",
                    verdict="\nIs the solution correct?")
    yield Case("genprm", qwen2, lambda: causal("qwen2", size), partial(published.genprm, spell=speller(qwen())), genprm,
               steps='step_delimiter = "\\n\\n"')
    made = r1()
    yield Case("thinkprm", fast(made), lambda: causal("qwen2", size), partial(published.thinkprm, spell=speller(made)), thinkprm)


def shown(case, steps, varied):
    """The steps as published code is shown them: without blank lines where its users squeeze them."""
    return steps if case.vary is blank_lines and case.name == "skywork" else varied


def make(case, folder, converter, seed):
    folder.mkdir(parents=True, exist_ok=True)
    encode, save, _ = case.tokenizer
    model = randomise(case.model(), seed)
    checkpoint = folder / "checkpoint"
    model.save_pretrained(checkpoint)
    save(checkpoint)
    body = checkpoint
    if case.table["read_out"] == "head":
        body = folder / "body"
        subprocess.run([sys.executable, here / "head.py", checkpoint, folder / "head.safetensors", "--body", body], check=True)
    subprocess.run([sys.executable, converter, body, "--outtype", "f32", "--outfile", folder / "model.gguf"], check=True,
                   stdout=subprocess.DEVNULL, stderr=open(folder / "convert.log", "w"))
    (folder / "bundle.toml").write_text(case.bundle())
    draw = random.Random(seed)
    made, doubtful = 0, 0
    with open(folder / "expected.jsonl", "w") as out:
        for problem, steps in texts(here / "../../Sources/ReferenceModels/Resources/dev-500.jsonl", seed):
            if made == TEXTS: break
            varied = case.vary(draw, steps) if case.vary else steps
            try: values = case.read(model, encode, problem, shown(case, steps, varied))
            except published.Doubtful:
                doubtful += 1
                continue
            out.write(json.dumps(dict(problem=problem, steps=varied, values=values)) + "\n")
            made += 1
    if doubtful: print(f"{case.name}: {doubtful} texts were left out, whose thoughts hang on the last digits")
    shutil.rmtree(checkpoint)
    shutil.rmtree(folder / "body", ignore_errors=True)


def main():
    torch.set_num_threads(1)
    folder, sdist = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    chosen = sys.argv[3:]
    source = folder / "llama.cpp"
    if not source.exists():
        with tarfile.open(sdist) as archive:
            for member in archive:
                inside = member.name.partition("/vendor/llama.cpp/")[2]
                if inside.startswith(("convert_hf_to_gguf.py", "conversion/", "gguf-py/gguf/")):
                    member.name = inside
                    archive.extract(member, source, filter="data")
    for seed, case in enumerate(cases()):
        if chosen and case.name not in chosen: continue
        make(case, folder / case.name, source / "convert_hf_to_gguf.py", seed)
        print(f"{case.name}: made")


if __name__ == "__main__": main()
