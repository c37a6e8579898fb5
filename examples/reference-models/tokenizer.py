"""A byte-level BPE of 1,024 tokens with single digits, which llama.cpp's `smollm` pre-tokenizer reproduces.

    python tokenizer.py   writes tokenizer.json and the tokenised documents, train.npz
"""

import random

import numpy as np
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

import data
import settings
from settings import work

DRILL_SHARE = 0.2


def load() -> Tokenizer:
    return Tokenizer.from_file(str(work("tokenizer.json")))


def text_of(item: dict) -> str:
    return settings.prompt(item["problem"]) + "\n".join(item["solution"])


def train(items: list[dict]) -> None:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=settings.VOCABULARY,
        special_tokens=settings.SPECIAL,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator((text_of(item) for item in items[:60_000]), trainer)
    assert [tokenizer.token_to_id(s) for s in settings.SPECIAL] == list(range(len(settings.SPECIAL)))
    # A line end is its own token: steps can be tokenised one by one.
    line_end = pre_tokenizers.ByteLevel.alphabet() and "Ċ"
    assert [t for t in tokenizer.get_vocab() if line_end in t] == [line_end]
    tokenizer.save(str(work("tokenizer.json")))


def encode_documents(tokenizer: Tokenizer, texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """All documents, each with its end token, in one array; and where each begins."""
    parts = []
    for first in range(0, len(texts), 50_000):
        for encoding in tokenizer.encode_batch_fast(texts[first : first + 50_000], add_special_tokens=False):
            parts.append(np.array(encoding.ids + [settings.END_ID], dtype=np.uint16))
        print(f"tokenizer: {first + 50_000:,} of {len(texts):,} documents", flush=True)
    starts = np.concatenate([[0], np.cumsum([len(p) for p in parts])])
    return np.concatenate(parts), starts


def main() -> None:
    items = data.read("train")
    if not work("tokenizer.json").exists():
        train(items)
    if not work("train.npz").exists():
        rng = random.Random(2)
        texts = [text_of(item) for item in items]
        texts += [data.drill(rng) for _ in range(int(len(texts) * DRILL_SHARE / (1 - DRILL_SHARE)))]
        rng.shuffle(texts)
        tokens, starts = encode_documents(load(), texts)
        np.savez(work("train.tmp.npz"), tokens=tokens, starts=starts)
        work("train.tmp.npz").rename(work("train.npz"))
        print(f"tokenizer: {len(texts):,} documents, {len(tokens):,} tokens")


if __name__ == "__main__":
    main()
