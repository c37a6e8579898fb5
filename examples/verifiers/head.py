#!/usr/bin/env python3
"""Takes the head of a reward model out of a Hugging Face checkpoint:

    head.py CHECKPOINT head.safetensors [--body FOLDER]

CHECKPOINT is the model's folder (config.json, *.safetensors). The file that is written holds only the head's tensors, under their
own names, and goes beside the GGUF file as `head = "head.safetensors"`. --body makes a folder with the rest of the model, which
llama.cpp's convert_hf_to_gguf.py takes for an ordinary language model. Needs safetensors and torch (PyPI).
"""
# SPDX-License-Identifier: Apache-2.0
import argparse
import json
import pathlib
import re
import sys

from safetensors import safe_open
from safetensors.torch import save_file

# score.weight: transformers' sequence classification; score.0, score.2: Qwen2.5-Math-PRM; v_head: trl, Skywork-o1-Open-PRM.
HEAD = re.compile(r"(.*\.)?(score(\.\d+)?|v_head\.summary|value_head|v_head|reward_head|regression_layer)\.(weight|bias)")
TYPES = {"qwen2": "Qwen2ForCausalLM", "qwen3": "Qwen3ForCausalLM", "llama": "LlamaForCausalLM", "mistral": "MistralForCausalLM"}


def shards(folder):
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        sys.exit(f"{folder}: no *.safetensors. Download a checkpoint in this form, or convert pytorch_model.bin with "
                 "transformers: from_pretrained(…).save_pretrained(…)")
    return files


def split(file):
    """The head's tensors of one shard, and the names of all others."""
    with safe_open(file, framework="pt") as tensors:
        names = list(tensors.keys())
        return {name: tensors.get_tensor(name).contiguous() for name in names if HEAD.fullmatch(name)}, [
            name for name in names if not HEAD.fullmatch(name)]


def write_body(folder, body):
    """The checkpoint without its head: shards that hold nothing of the head are links."""
    body.mkdir(parents=True, exist_ok=True)
    for file in folder.iterdir():
        target = body / file.name
        if not file.is_file() or file.name in ("config.json", "model.safetensors.index.json"): continue
        target.unlink(missing_ok=True)
        if file.suffix != ".safetensors" or not split(file)[0]:
            target.symlink_to(file.resolve())
            continue
        with safe_open(file, framework="pt") as tensors:
            kept = {name: tensors.get_tensor(name) for name in split(file)[1]}
        if kept: save_file(kept, target, metadata={"format": "pt"})
    config = json.loads((folder / "config.json").read_text())
    config["architectures"] = [TYPES.get(config.get("model_type"), config["architectures"][0])]
    for key in ("auto_map", "id2label", "label2id", "problem_type"): config.pop(key, None)
    (body / "config.json").write_text(json.dumps(config, indent=2))
    index = folder / "model.safetensors.index.json"
    if index.exists():
        content = json.loads(index.read_text())
        content["weight_map"] = {name: file for name, file in content["weight_map"].items() if not HEAD.fullmatch(name)}
        (body / index.name).write_text(json.dumps(content, indent=2))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=pathlib.Path)
    parser.add_argument("head", type=pathlib.Path)
    parser.add_argument("--body", type=pathlib.Path)
    given = parser.parse_args()
    head = {}
    for file in shards(given.checkpoint): head |= split(file)[0]
    if not head:
        sys.exit(f"{given.checkpoint}: no head: no tensor is named like score.weight, score.0.weight or v_head.summary.weight. "
                 "A reward model without a head is read by its tokens: see docs/verifiers.md")
    save_file(head, given.head)
    for name, tensor in sorted(head.items()): print(f"{given.head}: {name} {list(tensor.shape)} {tensor.dtype}")
    if given.body:
        write_body(given.checkpoint, given.body)
        print(f"{given.body}: for convert_hf_to_gguf.py {given.body} --outfile model.gguf")


if __name__ == "__main__": main()
