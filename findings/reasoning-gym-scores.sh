#!/usr/bin/env bash
# reasoning-gym 0.1.25: score_answer gives marks for wrong answers.
#
# A guess would be: 1 for a right answer, 0 for a wrong one, spaces apart.
# Seen: many sets score by how much of the answer the reference fills, if it lies anywhere in it:
# 17 for 7 earns a half. A trailing space costs a quarter or more.
# prime_factorization raises for "2 x 3" (it splits at the sign × alone). Some sets have None for an answer.
#
# What to do: strip the text, and count only the score 1 as right.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
install reasoning-gym==0.1.25
observe <<'PY'
import reasoning_gym

for name in ("gcd", "count_primes", "leg_counting", "chain_sum"):
    data = reasoning_gym.create_dataset(name, size=1, seed=7)
    gold = str(data[0]["answer"])
    tried = [gold, gold + " ", "1" + gold, "not " + gold]
    print(f"{name}, reference {gold}:", *(f"{text!r} {data.score_answer(text, data[0]):.3f}" for text in tried))
data = reasoning_gym.create_dataset("prime_factorization", size=1, seed=7)
try: print(data.score_answer("2 x 3", data[0]))
except ValueError as error: print("prime_factorization raises ValueError for '2 x 3'")
for name in ("boxnet", "graph_color", "propositional_logic", "rubiks_cube", "rush_hour"):
    print(name, "has the answer", reasoning_gym.create_dataset(name, size=1, seed=7)[0]["answer"])
PY
expect <<'SEEN'
gcd, reference 1: '1' 1.000 '1 ' 0.500 '11' 0.500 'not 1' 0.200
count_primes, reference 141: '141' 1.000 '141 ' 0.750 '1141' 0.750 'not 141' 0.429
leg_counting, reference 188: '188' 1.000 '188 ' 0.750 '1188' 0.750 'not 188' 0.429
chain_sum, reference 156: '156' 1.000 '156 ' 1.000 '1156' 0.750 'not 156' 0.429
prime_factorization raises ValueError for '2 x 3'
boxnet has the answer None
graph_color has the answer None
propositional_logic has the answer None
rubiks_cube has the answer None
rush_hour has the answer None
SEEN
