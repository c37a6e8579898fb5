#!/usr/bin/env bash
# reasoning-gym 0.1.25: neighbouring seeds give the same problems.
#
# A guess would be: seed 1 for training and seed 2 for testing are different data.
# Seen: item i is made from seed + i, so item i of seed 2 is item i + 1 of seed 1: with 500 items
# each, 499 of the test problems are training problems. Nearly every set of the package does so;
# gsm_symbolic, acre and list_functions do not.
#
# What to do: put seeds further apart than the data is long, and compare the questions by text.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
install reasoning-gym==0.1.25
observe <<'PY'
import contextlib, io
import reasoning_gym
from reasoning_gym.factory import DATASETS

def questions(name, seed, size):
    with contextlib.redirect_stdout(io.StringIO()): # some sets print dots
        return [item["question"] for item in reasoning_gym.create_dataset(name, size=size, seed=seed)]

for name in ("chain_sum", "gcd", "gsm_symbolic"):
    training, test = questions(name, 1, 500), questions(name, 2, 500)
    print(f"{name}: {sum(q in set(training) for q in test)} of 500 test problems are in training")
names = [name for name in sorted(DATASETS) if name != "composite"]
shifted = [name for name in names if questions(name, 7, 3)[1:] == questions(name, 8, 2)]
print(f"{len(shifted)} of {len(names)} sets; not:", *sorted(set(names) - set(shifted)))
PY
expect <<'SEEN'
chain_sum: 499 of 500 test problems are in training
gcd: 499 of 500 test problems are in training
gsm_symbolic: 7 of 500 test problems are in training
102 of 105 sets; not: acre gsm_symbolic list_functions
SEEN
