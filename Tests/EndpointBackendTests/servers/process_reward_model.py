"""A tiny model of Qwen2.5-Math-PRM's class with random weights, and the values that transformers computes from it.

    python process_reward_model.py FOLDER      FOLDER holds a tokenizer without <extra_0>, which becomes token 1024
"""

import json
import pathlib
import sys

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer
from transformers import Qwen2Config, Qwen2Model

TAG = 1024
PROMPT = "Question: Tom has 3 apples and buys 4 more. How many apples does he have?\nSolution:\n"
ANSWERS = [["Tom has 3+4=7 apples.\n", "#### 7\n"], ["Tom has 3+4=8 apples.\n", "He is happy.\n", "#### 8"]]


def main(folder: str) -> None:
    torch.manual_seed(3)
    out = pathlib.Path(folder)
    words = json.loads((out / "tokenizer.json").read_text())
    if all(token["content"] != "<extra_0>" for token in words["added_tokens"]):
        words["added_tokens"].append({"id": TAG, "content": "<extra_0>", "single_word": False, "lstrip": False, "rstrip": False,
                                      "normalized": False, "special": True})
    (out / "tokenizer.json").write_text(json.dumps(words))
    shape = Qwen2Config(vocab_size=TAG + 1, hidden_size=128, intermediate_size=256, num_hidden_layers=2, num_attention_heads=4,
                        num_key_value_heads=2, max_position_embeddings=1024, tie_word_embeddings=False, initializer_range=0.3)
    model = Qwen2Model(shape).float().eval()
    head = torch.nn.Sequential(torch.nn.Linear(128, 128), torch.nn.ReLU(), torch.nn.Linear(128, 2)).float()
    for weights in head.parameters():
        torch.nn.init.normal_(weights, std=0.2)
    named = {f"model.{name}": value for name, value in model.state_dict().items()}
    named |= {f"score.{name}": value for name, value in head.state_dict().items()}
    save_file({name: value.contiguous() for name, value in named.items()}, out / "model.safetensors", metadata={"format": "pt"})
    config = shape.to_dict() | {"architectures": ["Qwen2ForProcessRewardModel"], "torch_dtype": "float32"}
    (out / "config.json").write_text(json.dumps(config))

    tokenizer = Tokenizer.from_file(str(out / "tokenizer.json"))
    values = []
    for steps in ANSWERS:
        ids = tokenizer.encode(PROMPT).ids
        for step in steps:
            ids += tokenizer.encode(step.removesuffix("\n")).ids + [TAG]
        with torch.no_grad():
            shares = torch.softmax(head(model(torch.tensor([ids])).last_hidden_state[0]), -1)
        values.append([float(shares[place, 1]) for place, token in enumerate(ids) if token == TAG])
    (out / "expected.json").write_text(json.dumps({"answers": ANSWERS, "values": values}))


if __name__ == "__main__":
    main(*sys.argv[1:])
