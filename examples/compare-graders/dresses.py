"""Scripted models that know every reference answer of a data set and give each in another dress: what `eval` must find all right.

    python3 dresses.py math-500.jsonl out
    for d in out/*.script; do stratagem eval --data out/data.jsonl --bundle $d --strategy greedy --budget 1; done

Takes GSM8K (`question`, `answer` with ####) and MATH (`problem`, `answer` or `solution`). Writes out/data.jsonl, which is the data with
each question on one line, as a script names it, and out/{plain,boxed,units,latex,numbers}.script. Needs Python alone.
"""
import fractions, json, pathlib, re, sys

NUMBER = re.compile(r"-?(\d+|\d*\.\d+)")
FRACTION = re.compile(r"(-?)\\frac\{?(\d+)\}?\{?(\d+)\}?")


def boxed(text):
    """What the last \\boxed{…} holds."""
    start = text.rindex("\\boxed{") + 7
    depth, end = 1, start
    while depth:
        depth += {"{": 1, "}": -1}.get(text[end], 0)
        end += 1
    return text[start:end - 1]


def one_line(text): return " ".join(text.split())


def thousands(number):
    sign, digits = ("-", number[1:]) if number.startswith("-") else ("", number)
    whole, point, rest = digits.partition(".")
    return sign + re.sub(r"(?<=\d)(?=(\d{3})+$)", ",", whole) + point + rest if len(whole) > 3 else number


def decimal(fraction):
    """A fraction's decimal, if it ends; else nothing."""
    match = FRACTION.fullmatch(fraction)
    if not match or match[3] == "0": return None
    value = fractions.Fraction(int(match[1] + match[2]), int(match[3]))
    under = value.denominator
    for prime in (2, 5):
        while under % prime == 0: under //= prime
    if under != 1: return None
    digits = next(n for n in range(40) if (value * 10**n).denominator == 1)
    scaled = abs(int(value * 10**digits))
    return ("-" if value < 0 else "") + f"{scaled // 10**digits}" + (f".{scaled % 10**digits:0{digits}d}" if digits else "")


# Each dress: how a solution to a reference answer ends, in GSM8K's way and in MATH's.

def gsm8k(answer):
    whole = answer.replace(",", "")
    return {
        "plain": f"#### {whole}",
        "boxed": f"#### $\\boxed{{{whole}}}$",
        "units": f"#### ${whole} dollars" if len(whole) % 2 else f"#### **{whole}** apples",
        "latex": f"#### \\(\\text{{{whole}}}\\).",
        "numbers": f"#### {thousands(whole)}.00",
    }


def math(answer):
    number = NUMBER.fullmatch(answer) is not None
    latex = answer.replace("\\frac", "\\dfrac").replace("(", "\\left(").replace(")", "\\right)").replace("\\left\\left", "\\left").replace("\\right\\right", "\\right")
    if answer.isalpha() and answer.isascii() and len(answer) > 1: latex = f"\\text{{{answer}}}"
    if number: latex = f"\\mathrm{{{answer}}}"
    return {
        "plain": f"The answer is {answer}.",
        "boxed": f"So we find $\\boxed{{{answer}}}$.",
        "units": f"The answer is ${answer}$ units." if number else f"The answer is $ {answer} $",
        "latex": f"\\[ \\boxed {{\\displaystyle {latex}\\,}} \\]",
        "numbers": f"#### {thousands(answer) + ('' if '.' in answer else '.0') if number else decimal(answer) or answer}",
    }


def main(data, folder):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    scripts, lines = {}, []
    for number, line in enumerate(open(data, encoding="utf-8"), 1):
        record = json.loads(line)
        name = "question" if "question" in record else "problem"
        record[name] = one_line(record[name])
        marked = "####" in str(record.get("answer"))
        answer = record["answer"].split("####")[-1].strip() if marked else record.get("answer") or boxed(record["solution"])
        lines.append(json.dumps(record, ensure_ascii=False))
        for dress, text in (gsm8k if marked else math)(one_line(answer)).items():
            scripts.setdefault(dress, []).append(f"problem {record[name]} | name p{number}\n  We work it out.\n    {text} | end\n")
    (folder / "data.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    for dress, trees in scripts.items(): (folder / f"{dress}.script").write_text("".join(trees), encoding="utf-8")
    print(f"{len(lines)} problems, {len(scripts)} dresses in {folder}")


main(*sys.argv[1:])
