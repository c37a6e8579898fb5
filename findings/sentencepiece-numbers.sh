#!/usr/bin/env bash
# SentencePiece 0.2.3: with the trainer's defaults a model never sees some of the mathematics.
#
# A guess would be: with byte fallback every text comes back as it was.
# Seen: the default normalization (nmt_nfkc) rewrites the text before it is cut into pieces, and
# nothing tells: 5² becomes 52, ½ becomes 1⁄2 with another slash, ① becomes 1, a newline becomes a space, two spaces
# become one and those at the ends go. So x² = 25 and x2 = 25 are the same ids. Decoding
# id by id also loses the spaces.
#
# What to do: train with normalization_rule_name="identity", remove_extra_whitespaces=False; a trained
# model keeps its rule in normalizer_spec.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
install sentencepiece==0.2.3
observe <<'PY'
import io
import sentencepiece

lines = [f"Ann has {i} apples and buys {i * 7 % 100} more, so {i} + {i * 7 % 100} = {i + i * 7 % 100}." for i in range(1, 2000)]

def trained(**more):
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(sentence_iterator=iter(lines), model_writer=model, vocab_size=300, model_type="bpe",
                                             byte_fallback=True, hard_vocab_limit=False, minloglevel=2, **more)
    return sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())

default, faithful = trained(), trained(normalization_rule_name="identity", remove_extra_whitespaces=False)
for text in ["5²", "½", "①", "so\n18", "a  b ", "−5"]:
    print(repr(text), *(f"{name}: {m.decode(m.encode(text))!r}" for name, m in (("default", default), ("identity", faithful))))
print("same ids for x² and x2:", default.encode("x² = 25") == default.encode("x2 = 25"))
print("id by id:", "".join(default.decode([i]) for i in default.encode("Ann has 12 apples")))
PY
expect <<'SEEN'
'5²' default: '52' identity: '5²'
'½' default: '1⁄2' identity: '½'
'①' default: '1' identity: '①'
'so\n18' default: 'so 18' identity: 'so\n18'
'a  b ' default: 'a b' identity: 'a  b '
'−5' default: '−5' identity: '−5'
same ids for x² and x2: True
id by id: Annhas12apples
SEEN
