#!/usr/bin/env bash
# datasets 5.2.0 (pyarrow 26.0.1): the answers of a JSON lines file become other answers.
#
# A guess would be: a text stays a text and an integer an integer; a column of both raises an error.
# Seen: one fraction in the column makes doubles of all, and integers beyond 2^53 change:
# 9007199254740993 becomes ...992. An integer beyond 2^64 becomes a double too. Texts that all look
# like dates become time stamps. In a column of texts and numbers the text "007" is the number 7.
#
# What to do: write every answer as a text, and never one that is only a date or a number; or give features.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
install datasets==5.2.0 pyarrow==26.0.1 pandas==3.1.1 numpy==2.4.6
observe "$folder" <<'PY'
import sys
import datasets

datasets.disable_progress_bars()
files = [['9007199254740993', '0.5'], ['123456789012345678901', '1'], ['"2024-05-01"', '"2023-01-09"'], ['"007"', '8'], ['"007"', '"8"']]
for number, lines in enumerate(files):
    path = f"{sys.argv[1]}/{number}.jsonl"
    with open(path, "w") as file: file.writelines(f'{{"answer": {line}}}\n' for line in lines)
    loaded = datasets.load_dataset("json", data_files=path, split="train", cache_dir=sys.argv[1] + "/cache")
    print(*lines, "->", loaded["answer"][:])
PY
expect <<'SEEN'
9007199254740993 0.5 -> [9007199254740992.0, 0.5]
123456789012345678901 1 -> [1.2345678901234568e+20, 1.0]
"2024-05-01" "2023-01-09" -> [datetime.datetime(2024, 5, 1, 0, 0), datetime.datetime(2023, 1, 9, 0, 0)]
"007" 8 -> [7, 8]
"007" "8" -> ['007', '8']
SEEN
