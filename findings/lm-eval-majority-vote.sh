#!/usr/bin/env bash
# lm-eval 0.4.13: majority voting counts the samples without an answer.
#
# A guess would be: a sample whose answer was not found has no vote.
# Seen: such samples become the text "[invalid]", and that text votes like an answer: three of
# five samples without a readable answer beat two that agree on 18. (The task
# gsm8k_cot_self_consistency is made of these two filters; "$18" is unreadable to it.)
#
# What to do: before you report maj@k, look at the share of "[invalid]".
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
install --no-deps lm-eval==0.4.13
install pyyaml==6.0.3
observe <<'PY'
import os, re, lm_eval
from lm_eval.filters.extraction import RegexFilter
from lm_eval.filters.selection import MajorityVoteFilter

task = open(os.path.dirname(lm_eval.__file__) + "/tasks/gsm8k/gsm8k-cot-self-consistency.yaml").read()
pattern = re.search(r'regex_pattern: "(.*)"', task)[1].replace("\\\\", "\\")
samples = ["The answer is 18.", "The answer is 18.", "The answer is $18.", "So it is 18.", "18"]
answers = RegexFilter(pattern).apply([samples], [{}])
print("answers:", *answers[0])
print("the vote:", *list(MajorityVoteFilter().apply(answers, [{}]))[0])
PY
expect <<'SEEN'
answers: 18 18 [invalid] [invalid] [invalid]
the vote: [invalid]
SEEN
