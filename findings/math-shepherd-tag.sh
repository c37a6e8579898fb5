#!/usr/bin/env bash
# The tokenizer of Math-Shepherd's verifier (Mistral 7B v1, in mistral-common 1.13.1): the step tag.
#
# That verifier reads its score where the tag ки stands, which is looked for as the id 12902.
# A guess would be: the tag is the same token everywhere.
# Seen: it is 12902 only after a space. On a line of its own it is 1107, a different token, so no
# step is found and there is nothing to read a score from. A text that begins with a space and the tag
# has a lone space token more. The labels + and - are 648 and 387 with a space of their own inside.
#
# What to do: write " ки" after each step, and check that there are as many scores as steps.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
python3 -m venv "$folder/venv"
install --no-deps mistral-common==1.13.1 # its vocabulary file alone
install sentencepiece==0.2.3
observe <<'PY'
import sysconfig
import sentencepiece

file = sysconfig.get_path("purelib") + "/mistral_common/data/tokenizer.model.v1"
tokenizer = sentencepiece.SentencePieceProcessor(model_file=file)
for text in ["a step ки", "a step ки\na step ки", "a step\nки", "a stepки", " ки", "+", "-"]:
    ids = tokenizer.encode(text)
    print(f"{text!r}: {ids}, tags found {ids.count(12902)}")
PY
expect <<'SEEN'
'a step ки': [264, 3707, 12902], tags found 1
'a step ки\na step ки': [264, 3707, 12902, 13, 28708, 3707, 12902], tags found 2
'a step\nки': [264, 3707, 13, 1107], tags found 0
'a stepки': [264, 3707, 1107], tags found 0
' ки': [28705, 12902], tags found 1
'+': [648], tags found 0
'-': [387], tags found 0
SEEN
