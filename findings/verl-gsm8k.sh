#!/usr/bin/env bash
# verl 0.9.1: its reward for GSM8K.
#
# A guess would be: the last "#### N" of the text is compared with the reference as a number.
# Seen: only the last 300 characters of a text are looked at, so a model that goes on after its
# answer loses it. The strict way drops the commas of the answer and not those of the reference;
# the flexible way drops neither: 1,000 is right for the one and wrong for the other, and the
# other way round. A full stop after the number makes it wrong for both.
#
# What to do: cut texts at the end of the answer, and clean the references of commas.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
python3 -m venv "$folder/venv"
install --no-deps verl==0.9.1 # one file of it, which needs nothing else
observe <<'PY'
import importlib.util, sysconfig

path = sysconfig.get_path("purelib") + "/verl/utils/reward_score/gsm8k.py"
spec = importlib.util.spec_from_file_location("gsm8k", path)
gsm8k = importlib.util.module_from_spec(spec)
spec.loader.exec_module(gsm8k)
for more in (290, 300): print(f"#### 18 and {more} characters more:", gsm8k.compute_score("#### 18\n" + "x" * more, "18"))
for text, reference in [("#### 1,000", "1000"), ("#### 1,000", "1,000"), ("#### 18.", "18"), ("#### $18", "18"), ("####18", "18")]:
    strict, flexible = (gsm8k.compute_score(text, reference, method=m) for m in ("strict", "flexible"))
    print(f"{text} for {reference}: strict {strict:.0f}, flexible {flexible:.0f}")
PY
expect <<'SEEN'
#### 18 and 290 characters more: 1.0
#### 18 and 300 characters more: 0
#### 1,000 for 1000: strict 1, flexible 0
#### 1,000 for 1,000: strict 0, flexible 1
#### 18. for 18: strict 0, flexible 0
#### $18 for 18: strict 0, flexible 1
####18 for 18: strict 0, flexible 1
SEEN
