#!/usr/bin/env bash
# lm-eval 0.4.13: what the two filters of its gsm8k task take for the answer.
#
# A guess would be: strict-match takes the last "#### N", flexible-extract the last number.
# Seen: strict-match takes the first ####, and nothing if a dollar sign stands before the number.
# The pattern of flexible-extract also matches two or more dots, commas or dollar signs with no
# digit among them: a text that ends in "..." or in $$ has that for its answer. A Unicode minus is
# no minus, and of 3/4 the 4 is taken.
#
# What to do: look at what was extracted, not at the score alone.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
install --no-deps lm-eval==0.4.13
install pyyaml==6.0.3
observe <<'PY'
import os, yaml, lm_eval
from lm_eval.filters.extraction import RegexFilter

task = yaml.safe_load(open(os.path.dirname(lm_eval.__file__) + "/tasks/gsm8k/gsm8k.yaml"))
filters = []
for entry in task["filter_list"]:
    options = dict(entry["filter"][0])
    assert options.pop("function") == "regex"
    filters.append((entry["name"], RegexFilter(**options)))
for text in ["#### 18\n#### 19", "#### $18", "She makes 18 dollars ...", r"$$ \boxed{18} $$", "−18", "3/4", "18, see step 2"]:
    print(repr(text), *(f"{name}: {f.apply([[text]], [{}])[0][0]}" for name, f in filters))
PY
expect <<'SEEN'
'#### 18\n#### 19' strict-match: 18 flexible-extract: 19
'#### $18' strict-match: [invalid] flexible-extract: $18
'She makes 18 dollars ...' strict-match: [invalid] flexible-extract: ...
'$$ \\boxed{18} $$' strict-match: [invalid] flexible-extract: $$
'−18' strict-match: [invalid] flexible-extract: 18
'3/4' strict-match: [invalid] flexible-extract: 4
'18, see step 2' strict-match: [invalid] flexible-extract: 2
SEEN
