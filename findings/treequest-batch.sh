#!/usr/bin/env bash
# treequest 0.3.3: ask_batch hands out more trials than two of its searches keep.
#
# A guess would be: of a batch of eight trials, all eight results go into the tree.
# Seen: the standard MCTS keeps two of eight and the tree of thoughts one; AB-MCTS keeps all. The
# results of the others are dropped with a line in the log, after their generations were paid for.
#
# What to do: ask for one trial at a time in these two, or look at what was kept.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
install treequest==0.3.3 numpy==2.4.6
observe <<'PY'
import treequest

for search in (treequest.StandardMCTS(), treequest.TreeOfThoughtsBFSAlgo(), treequest.ABMCTSA()):
    state, trials = search.ask_batch(search.init_tree(), batch_size=8, actions=["solve"])
    for number, trial in enumerate(trials): state = search.tell(state, trial.trial_id, (f"text {number}", number / 10))
    print(f"{type(search).__name__}: {len(trials)} asked, {len(search.get_state_score_pairs(state))} kept")
PY
expect <<'SEEN'
StandardMCTS: 8 asked, 2 kept
TreeOfThoughtsBFSAlgo: 8 asked, 1 kept
ABMCTSA: 8 asked, 8 kept
SEEN
