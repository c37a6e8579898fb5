"""A reference model's GGUF as the folder that vLLM reads: the same weights in Hugging Face's layout.

    python folder.py orm.gguf FOLDER
"""

import json
import pathlib
import sys

import numpy as np
from gguf import GGUFReader
from safetensors.numpy import save_file

NAMES = {
    "attn_norm": "input_layernorm", "ffn_norm": "post_attention_layernorm", "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj", "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj",
}


def convert(source: str, folder: str) -> None:
    reader = GGUFReader(source)
    fields = {name: field.contents() for name, field in reader.fields.items()}
    out = pathlib.Path(folder)
    out.mkdir(parents=True, exist_ok=True)
    heads, width = fields["llama.attention.head_count"], fields["llama.embedding_length"]
    weights = {}
    for tensor in reader.tensors:
        data = np.asarray(tensor.data, dtype=np.float32).reshape([int(n) for n in reversed(tensor.shape)])
        part = tensor.name.removesuffix(".weight").split(".")
        if part[0] != "blk":
            name = {"token_embd": "model.embed_tokens", "output_norm": "model.norm"}[part[0]]
        else:
            name = f"model.layers.{part[1]}.{NAMES[part[2]]}"
            if part[2] in ("attn_q", "attn_k"):
                # llama.cpp turns neighbouring numbers together, transformers turns the two halves of a head.
                data = data.reshape(heads, width // heads // 2, 2, width).swapaxes(1, 2).reshape(width, width)
        weights[name + ".weight"] = np.ascontiguousarray(data)
    save_file(weights, out / "model.safetensors", metadata={"format": "pt"})
    tokens, kinds = fields["tokenizer.ggml.tokens"], fields["tokenizer.ggml.token_type"]
    special = [(i, t) for i, (t, kind) in enumerate(zip(tokens, kinds)) if kind == 3]
    end = fields["tokenizer.ggml.eos_token_id"]
    config = {
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "torch_dtype": "float32", "vocab_size": len(tokens),
        "hidden_size": width, "num_hidden_layers": fields["llama.block_count"], "num_attention_heads": heads,
        "num_key_value_heads": heads, "intermediate_size": fields["llama.feed_forward_length"],
        "max_position_embeddings": fields["llama.context_length"], "rms_norm_eps": fields["llama.attention.layer_norm_rms_epsilon"],
        "rope_theta": fields["llama.rope.freq_base"], "tie_word_embeddings": True, "hidden_act": "silu", "eos_token_id": end,
        "bos_token_id": None,
    }
    (out / "config.json").write_text(json.dumps(config, default=float))
    added = [
        {"id": i, "content": t, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
        for i, t in special
    ]
    split = [{"type": "Digits", "individual_digits": True},
             {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}]
    bpe = {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": added, "normalizer": None,
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": split}, "post_processor": None,
        "decoder": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
        "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None, "end_of_word_suffix": None,
                  "fuse_unk": False, "byte_fallback": False, "ignore_merges": False,
                  "vocab": {t: i for i, t in enumerate(tokens)}, "merges": fields["tokenizer.ggml.merges"]},
    }
    (out / "tokenizer.json").write_text(json.dumps(bpe))
    (out / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": tokens[end], "model_max_length": 1024}))


if __name__ == "__main__":
    convert(*sys.argv[1:])
