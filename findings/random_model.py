"""Writes a GGUF of a one-layer model with random weights, whose tokens are the printable ASCII characters:

    random_model.py FILE
"""
# SPDX-License-Identifier: Apache-2.0
import sys

import gguf
import numpy as np

WIDTH, INNER, HEADS = 32, 64, 2
random = np.random.default_rng(1)
tokens = ["<unk>", "<s>", "</s>", "<0x0A>", "▁"] + [chr(c) for c in range(33, 127)]
kinds = [2, 3, 3, 6] + [1] * (len(tokens) - 4)

file = gguf.GGUFWriter(sys.argv[1], "llama")
file.add_context_length(512)
file.add_embedding_length(WIDTH)
file.add_feed_forward_length(INNER)
file.add_block_count(1)
file.add_head_count(HEADS)
file.add_head_count_kv(HEADS)
file.add_rope_dimension_count(WIDTH // HEADS)
file.add_layer_norm_rms_eps(1e-5)
file.add_vocab_size(len(tokens))
file.add_tokenizer_model("llama")
file.add_token_list(tokens)
file.add_token_scores([0.0] * len(tokens))
file.add_token_types(kinds)
file.add_bos_token_id(1)
file.add_eos_token_id(2)
file.add_unk_token_id(0)
file.add_add_bos_token(True)
file.add_add_space_prefix(False)


def matrix(name, rows, columns, scale=0.3):
    file.add_tensor(name, (random.standard_normal((rows, columns)) * scale).astype(np.float32))


matrix("token_embd.weight", len(tokens), WIDTH, scale=1.0)
matrix("output.weight", len(tokens), WIDTH)
for name in ("attn_q", "attn_k", "attn_v", "attn_output"): matrix(f"blk.0.{name}.weight", WIDTH, WIDTH)
matrix("blk.0.ffn_gate.weight", INNER, WIDTH)
matrix("blk.0.ffn_up.weight", INNER, WIDTH)
matrix("blk.0.ffn_down.weight", WIDTH, INNER)
for name in ("output_norm", "blk.0.attn_norm", "blk.0.ffn_norm"): file.add_tensor(f"{name}.weight", np.ones(WIDTH, np.float32))
file.write_header_to_file()
file.write_kv_data_to_file()
file.write_tensors_to_file()
file.close()
