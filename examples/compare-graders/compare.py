"""The tables of docs/answers.md: how `math` and two released graders judge equal rewritings
and near misses of the reference answers of a MATH file, rule by rule; how they judge the
project's own pairs; and how long an answer takes.

    python3 -m venv venv
    venv/bin/pip install -r requirements.txt
    venv/bin/pip install --no-deps tinker-cookbook==0.6.1
    venv/bin/python compare.py math-500.jsonl [PAIRS.tsv]

Needs a C compiler. PAIRS.tsv, if given, has lines `answer<TAB>answer<TAB>1 or 0`.
"""
import ctypes, importlib.util, json, logging, pathlib, re, statistics, subprocess, sys, tempfile, time

from math_verify import parse, verify

import rules

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SOURCES = [str(p) for p in sorted((ROOT / "Plugins/math-answers").glob("*.c"))]
FLAGS = ["cc", "-std=c99", "-O2", f"-I{ROOT / 'Sources/CStratagem/include'}", f"-I{ROOT / 'Plugins/math-answers'}"]
logging.disable(logging.ERROR)


class Ours:
    name = "`math`"

    def __init__(self, folder):
        # One more file, which shows the function that the plugin keeps to itself.
        shown = pathlib.Path(folder) / "shown.c"
        shown.write_text('#include "functions.h"\nint32_t shown(const char *a, uint64_t n, const char *b, uint64_t m) { return equal_math(a, n, b, m); }\n')
        library = f"{folder}/answers.so"
        subprocess.run([*FLAGS, "-shared", "-fPIC", "-Wl,-Bsymbolic", str(shown), *SOURCES, "-o", library], check=True)
        self.call = ctypes.CDLL(library).shown
        self.call.argtypes = [ctypes.c_char_p, ctypes.c_uint64] * 2

    def equal(self, gold, answer):
        a, b = gold.encode(), answer.encode()
        return bool(self.call(a, len(a), b, len(b)))


class MathVerify:
    name = "math-verify 0.9.0"

    @staticmethod
    def read(text):
        dressed = text if re.search(r"^\$|\\boxed|\\\(", text.strip()) and not text.startswith("\\$") else f"${text}$"
        return parse(dressed, parsing_timeout=None)

    def equal(self, gold, answer):
        try: return verify(self.read(gold), self.read(answer), timeout_seconds=None)
        except Exception: return False


class PRM800K:
    name = "PRM800K (tinker-cookbook 0.6.1)"

    def __init__(self):
        package = importlib.util.find_spec("tinker_cookbook").submodule_search_locations[0]
        spec = importlib.util.spec_from_file_location("math_grading", f"{package}/recipes/math_rl/math_grading.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        self.grade = module.grade_answer

    def equal(self, gold, answer):
        try: return bool(self.grade(answer, gold))
        except Exception: return False


def share(right, count): return "" if not count else f"{100 * right / count:.1f}"


def table(graders, groups):
    """Groups: name -> pairs (gold, answer, whether they are equal). Prints a row a group, and the sum."""
    print("| rule | answers |" + "".join(f" {g.name} |" for g in graders))
    print("|---|---|" + "---|" * len(graders))
    total, counts, wrong = 0, [0] * len(graders), []
    for name, pairs in groups.items():
        rights = [sum(g.equal(a, b) == same for a, b, same in pairs) for g in graders]
        wrong += [(name, a, b) for a, b, same in pairs if graders[0].equal(a, b) != same]
        print(f"| {name} | {len(pairs)} |" + "".join(f" {share(r, len(pairs))} |" for r in rights), flush=True)
        total += len(pairs)
        counts = [c + r for c, r in zip(counts, rights)]
    print(f"| **all** | **{total}** |" + "".join(f" **{share(c, total)}** |" for c in counts), flush=True)
    for name, a, b in wrong: print(f"    `math` is wrong about {a!r} and {b!r} ({name})", file=sys.stderr)
    return sum(groups.values(), [])


def rewritten(golds, table_of_rules, same):
    groups = {}
    for name, rule in table_of_rules.items():
        pairs = [(gold, other, same) for gold in golds if (other := rule(gold)) is not None and other != gold]
        if pairs: groups[name] = pairs
    return groups


def own_pairs():
    groups, sign = {}, {"EqualAnswers": "==", "MoreEqualAnswers": "==", "FurtherEqualAnswers": "==",
                        "StillMoreEqualAnswers": "==", "DifferentAnswers": "!=", "MoreDifferentAnswers": "!=",
                        "FurtherDifferentAnswers": "!="}
    for file, mark in sign.items():
        for line in (ROOT / f"Tests/PluginTests/{file}.swift").read_text().splitlines():
            line = line.strip()
            if line.startswith("# "): heading = f"{line[2:]} ({'equal' if mark == '==' else 'not equal'})"
            elif f" {mark} " in line and not line.startswith("//"):
                a, b = line.split(f" {mark} ")
                groups.setdefault(heading, []).append((a, b, mark == "=="))
    return groups


def speed(pairs, folder, graders):
    program = f"{folder}/bench"
    subprocess.run([*FLAGS, str(HERE / "bench.c"), *SOURCES, "-o", program], check=True)
    lines = "".join(f"{a}\t{b}\n" for a, b, _ in pairs)
    ours = [float(t) / 1000 for t in subprocess.run([program], input=lines, text=True, capture_output=True, check=True).stdout.split()]
    print("| grader | median, µs | 95 % within, µs |\n|---|---|---|")
    print(f"| {graders[0].name} | {statistics.median(ours):.1f} | {statistics.quantiles(ours, n=20)[-1]:.1f} |")
    for grader in graders[1:]:
        times = []
        for a, b, _ in pairs[::max(1, len(pairs) // 1000)]:
            start = time.perf_counter()
            grader.equal(a, b)
            times.append((time.perf_counter() - start) * 1e6)
        print(f"| {grader.name} | {statistics.median(times):.0f} | {statistics.quantiles(times, n=20)[-1]:.0f} |", flush=True)


def main():
    golds = [json.loads(line)["answer"] for line in open(sys.argv[1], encoding="utf-8")]
    with tempfile.TemporaryDirectory() as folder:
        graders = [Ours(folder), MathVerify(), PRM800K()]
        print(f"### Equal rewritings of {len(golds)} reference answers: accepted, %\n")
        pairs = table(graders, rewritten(golds, rules.SAME, True))
        print("\n### Near misses: refused, %\n")
        table(graders, rewritten(golds, rules.OTHER, False))
        print("\n### Pairs of the project's own: judged right, %\n")
        table(graders, own_pairs())
        if len(sys.argv) > 2:
            lines = [line.rstrip("\n").split("\t") for line in open(sys.argv[2], encoding="utf-8") if not line.startswith("#")]
            groups = {}
            for a, b, same, why, *_ in [(*l, "") for l in lines]: groups.setdefault("pairs of the file", []).append((a, b, same == "1"))
            print(f"\n### {sys.argv[2].split('/')[-1]}: judged right, %\n")
            table(graders, groups)
        print("\n### Time to parse and compare two answers\n")
        speed(pairs, folder, graders)


if __name__ == "__main__": main()
