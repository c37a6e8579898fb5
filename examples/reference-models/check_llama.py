"""llama.cpp against this recipe: the same token ids for thousands of documents, the same log-probabilities.

    python check_llama.py policy policy.gguf [folder with llama.cpp's include/ and lib/]
"""

import random
import subprocess
import sys
from pathlib import Path

import torch

import data
import settings
import tokenizer
import train
from settings import work

DOCUMENTS, DEEP = 20_000, 50


def main() -> None:
    checkpoint, file = sys.argv[1:3]
    llama = Path(sys.argv[3]) if len(sys.argv) > 3 else settings.ROOT / ".build" / "llama"
    program = work("check_llama")
    libraries = [str(llama / "lib" / f"lib{n}.a") for n in ("llama", "ggml", "ggml-cpu", "ggml-base")]
    subprocess.run(["c++", "-O1", "-I", llama / "include", settings.HERE / "check_llama.cpp", "-o", program,
                    "-Wl,--start-group", *libraries, "-Wl,--end-group", "-lpthread", "-ldl", "-lm"], check=True)
    items = random.Random(5).sample(data.read("heldout"), DOCUMENTS)
    texts = [tokenizer.text_of(i) + random.Random(n).choice(["", "\n", settings.END]) for n, i in enumerate(items)]
    rng = random.Random(6)
    texts += [data.drill(rng) for _ in range(1_000)]
    output = subprocess.run([program, settings.SHIPPED / file, str(DEEP)], input="\0".join(texts) + "\0",
                            capture_output=True, text=True, check=True).stdout.splitlines()
    assert len(output) == len(texts)
    bpe, model, worst = tokenizer.load(), train.load(checkpoint), 0.0
    for n, (text, line) in enumerate(zip(texts, output)):
        *theirs, total = line.split()
        ours = bpe.encode(text, add_special_tokens=False).ids
        assert ours == list(map(int, theirs)), f"tokens differ: {text!r}\n{ours}\n{theirs}"
        if n < DEEP:
            tokens = torch.tensor([ours])
            with torch.no_grad():
                scores = torch.log_softmax(model.logits(model(tokens)), -1)
            mine = scores[0, :-1].gather(1, tokens[0, 1:, None]).sum().item()
            worst = max(worst, abs(mine - float(total)) / abs(mine))
    print(f"check: {len(texts):,} documents have the same tokens in llama.cpp; log-probabilities differ by {worst:.1e} of themselves at most")
    assert worst < 1e-3


if __name__ == "__main__":
    main()
