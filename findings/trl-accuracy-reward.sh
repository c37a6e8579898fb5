#!/usr/bin/env bash
# TRL 1.16.0: accuracy_reward with references as MATH files hold them.
#
# Its documentation gives references without dollars. A guess would be: any such reference works.
# Seen: with the reference 2\pi the text \boxed{2} earns 1 and \boxed{2\pi} earns 0, since the bare
# reference is read as its first number. x+1 gives None: the sample is skipped. \boxed{\frac43},
# which LaTeX allows and MATH itself writes, earns 0 even if the reference is the same number in
# dollars, because short fractions count as malformed; \frac43 as a bare reference gives None.
# "The answer is 18." without a box earns 0.
#
# What to do: put $...$ round the references, and rewrite \frac43 and \sqrt3 in full on both sides.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
install math-verify==0.9.0 latex2sympy2_extended==1.11.0 antlr4-python3-runtime==4.13.2 sympy==1.14.0 mpmath==1.3.0 \
    transformers==5.23.0
install --no-deps trl==1.16.0 # the reward needs no model
observe <<'PY'
from trl.rewards import accuracy_reward

for reference, text in [(r"2\pi", r"\boxed{2}"), (r"2\pi", r"\boxed{2\pi}"), (r"$2\pi$", r"\boxed{2\pi}"), ("x+1", r"\boxed{x+1}"),
                        (r"$\frac{4}{3}$", r"\boxed{\frac43}"), (r"$\frac43$", r"\boxed{\frac{4}{3}}"), (r"\frac43", r"\boxed{\frac{4}{3}}"), ("18", "The answer is 18.")]:
    print(reference, text, accuracy_reward([[{"role": "assistant", "content": text}]], [reference])[0])
PY
expect <<'SEEN'
2\pi \boxed{2} 1.0
2\pi \boxed{2\pi} 0.0
$2\pi$ \boxed{2\pi} 1.0
x+1 \boxed{x+1} None
$\frac{4}{3}$ \boxed{\frac43} 0.0
$\frac43$ \boxed{\frac{4}{3}} 1.0
\frac43 \boxed{\frac{4}{3}} None
18 The answer is 18. 0.0
SEEN
