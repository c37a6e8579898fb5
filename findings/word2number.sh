#!/usr/bin/env bash
# word2number 1.1: values that no speaker means.
#
# A guess would be: it reads English numbers, or raises ValueError as for "half".
# Seen: "two million three hundred thousand" is 2,301,300. "nineteen ninety nine" is 1719, "twenty-one hundred" is 120. A minus in words is lost,
# "three and a half" is 3, "three quarters" too, and the numbers of a sentence are added up.
#
# What to do: accept only words that are spelled exactly as you would spell the number.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
install word2number==1.1
observe <<'PY'
from word2number.w2n import word_to_num

for words in ["two thousand twenty four", "two million three hundred thousand", "nineteen ninety nine", "twenty-one hundred", "minus five",
              "three and a half", "three quarters", "seven apples and three pears", "half"]:
    try: print(words, "->", word_to_num(words))
    except ValueError: print(words, "-> ValueError")
PY
expect <<'SEEN'
two thousand twenty four -> 2024
two million three hundred thousand -> 2301300
nineteen ninety nine -> 1719
twenty-one hundred -> 120
minus five -> 5
three and a half -> 3
three quarters -> 3
seven apples and three pears -> 10
half -> ValueError
SEEN
