"""A checkpoint as a GGUF file that llama.cpp reads: llama architecture, tied embeddings, the BPE inside.

    python export_gguf.py policy policy.gguf "Reference policy"
    python export_gguf.py prm3 prm.gguf "Reference verifier" --speaks      only the layers that language is read off
    python export_gguf.py pair-large pair-large.gguf "…" --half            matrices in f16, for what is large
"""

import argparse
import json
from dataclasses import replace

import gguf
import numpy as np
import torch

import settings
from settings import work

NAMES = {
    "attention_norm": "attn_norm", "feed_norm": "ffn_norm", "q.weight": "attn_q", "k.weight": "attn_k",
    "v.weight": "attn_v", "o.weight": "attn_output", "gate.weight": "ffn_gate", "up.weight": "ffn_up",
    "down.weight": "ffn_down",
}


def export(checkpoint: str, file: str, title: str, speaks: bool = False, half: bool = False) -> None:
    loaded = torch.load(work(f"{checkpoint}.pt"), weights_only=False)
    weights, shape = loaded["model"], settings.SHAPES[loaded["shape"]]
    if speaks:
        shape = replace(shape, layers=shape.speaks, speaks=0)
        weights = {n: w for n, w in weights.items() if not n.startswith("blocks.") or int(n.split(".")[1]) < shape.layers}
        weights["norm"] = weights.pop("early_norm")
    path = settings.SHIPPED / file
    writer = gguf.GGUFWriter(str(path.with_suffix(".tmp")), "llama")
    writer.add_name(title)
    writer.add_license("apache-2.0")
    writer.add_context_length(settings.CONTEXT)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.hidden)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.heads)
    writer.add_rope_dimension_count(shape.width // shape.heads)
    writer.add_rope_freq_base(shape.rope_base)
    writer.add_layer_norm_rms_eps(shape.epsilon)
    writer.add_vocab_size(settings.VOCABULARY)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16 if half else gguf.LlamaFileType.ALL_F32)

    bpe = json.loads(work("tokenizer.json").read_text())
    ids = bpe["model"]["vocab"] | {t["content"]: t["id"] for t in bpe["added_tokens"]}
    tokens = sorted(ids, key=ids.get)
    assert len(tokens) == settings.VOCABULARY
    control = set(settings.SPECIAL)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(tokens)
    writer.add_token_types([gguf.TokenType.CONTROL if t in control else gguf.TokenType.NORMAL for t in tokens])
    writer.add_token_merges([" ".join(m) for m in bpe["model"]["merges"]])
    writer.add_eos_token_id(settings.END_ID)
    writer.add_add_bos_token(False)
    writer.add_add_eos_token(False)

    def add(name, tensor):
        kind = np.float16 if half and tensor.ndim == 2 else np.float32
        writer.add_tensor(name, tensor.float().contiguous().numpy().astype(kind))

    add("token_embd.weight", weights["embedding.weight"])
    add("output_norm.weight", weights["norm"])
    for layer in range(shape.layers):
        for ours, theirs in NAMES.items():
            add(f"blk.{layer}.{theirs}.weight", weights[f"blocks.{layer}.{ours}"])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    path.with_suffix(".tmp").rename(path)
    print(f"export: {path.relative_to(settings.ROOT)}, {sum(w.numel() for n, w in weights.items() if n != 'early_norm'):,} parameters")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    for name in ("checkpoint", "file", "title"):
        parser.add_argument(name)
    parser.add_argument("--speaks", action="store_true")
    parser.add_argument("--half", action="store_true")
    export(**vars(parser.parse_args()))
