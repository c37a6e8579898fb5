#!/usr/bin/env bash
# reasoning-gym 0.1.25: gsm_symbolic has wrong reference answers.
#
# A guess would be: procedural data has exact answers.
# Seen: in some templates a fraction is cut to a whole number, in the middle or at the end, and the
# worked solution shows it: half of 11 tubes is "11*0.5=5", and money that is left loses its cents.
# Here the problems of two templates among 3,000 are worked out again with exact fractions.
#
# What to do: work out each equation of answer_cot, and drop the problems where one does not hold.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
install reasoning-gym==0.1.25
observe <<'PY'
from fractions import Fraction
import reasoning_gym

wrong, all_of_them, shown = {}, {}, {}
for item in reasoning_gym.create_dataset("gsm_symbolic", size=3000, seed=42):
    v = item["metadata"]["variables"]
    exact = {name: Fraction(str(round(x, 2))) for name, x in v.items() if isinstance(x, (int, float))}
    if "tubes of" in item["question"]: kind, right = "paint", exact["n1"] * exact["frac1"] + exact["n2"] * exact["mult1"]
    elif "unit_price" in v: kind, right = "money", exact["initial_amount"] - exact["quantity"] * exact["unit_price"]
    else: continue
    all_of_them[kind] = all_of_them.get(kind, 0) + 1
    if Fraction(item["answer"]) != right:
        wrong[kind] = wrong.get(kind, 0) + 1
        shown.setdefault(kind, (right, item))
for kind, (right, item) in sorted(shown.items()):
    print(f"{kind}: {wrong[kind]} of {all_of_them[kind]} wrong; for example {item['answer']} for {float(right)}:")
    print("   ", item["metadata"]["answer_cot"].replace("\n", "\n    "))
PY
expect <<'SEEN'
money: 3 of 47 wrong; for example 20 for 21.0:
    William paid 39 * €0.43 = €16.77 for the anchors.
    William has €37.77 - €16.77 = €20 left.
    #### 20
paint: 24 of 42 wrong; for example 44 for 44.5:
    Ben has 11*0.5=5 tubes of red paint
    Ben has 13*3.0=39 tubes of yellow paint
    Ben has a total of 5+39=44 tubes of paint
    #### 44
SEEN
