"""Rewritings of an answer that keep its meaning, and near misses that do not. A rule takes
the reference and returns the other text, or None where it does not fit."""
import re
from fractions import Fraction

INTEGER = re.compile(r"-?\d+")
FRACTION = re.compile(r"(-?)\\d?frac\s*(?:\{(\d+)\}|(\d))\s*(?:\{(\d+)\}|(\d))")
SURD = re.compile(r"(-?)(\d*) ?\\sqrt\{?(\d+)\}?")
PAIR = re.compile(r"(\\left)?\(([^()\[\]]+),([^()\[\],]+)(\\right)?\)")
SUM = re.compile(r"(\w[\w^{}\\ ]*?) ?([+-]) ?(\w[\w\\{}]*)")
DEGREES = re.compile(r"(-?\d+)\^\\circ")
TERM = re.compile(r"[+-]?[^+-]+")


def integer(a): return int(a) if INTEGER.fullmatch(a) else None


def fraction(a):
    m = FRACTION.fullmatch(a)
    if not m: return None
    return m[1], int(m[2] or m[3]), int(m[4] or m[5])


def number(a):
    """A plain number, as its text."""
    return a if re.fullmatch(r"-?(\d+(\.\d+)?|\.\d+)", a) else None


def on(found, make): return None if found is None else make(found)
def on_integer(make, least=None): return lambda a: on(integer(a), lambda n: None if least and abs(n) < least else make(n))
def on_fraction(make): return lambda a: on(fraction(a), lambda f: make(*f))
def on_number(make): return lambda a: on(number(a), make)
def replaced(old, new): return lambda a: a.replace(old, new) if old in a else None
def grouped(mark): return on_integer(lambda n: f"{n:,}".replace(",", mark), 1000)


def decimal(sign, over, under):
    rest = under
    for p in (2, 5):
        while rest % p == 0: rest //= p
    if rest != 1: return None
    value, places = Fraction(over, under), 0
    while value.denominator != 1: value, places = value * 10, places + 1
    digits = str(value.numerator).rjust(places + 1, "0")
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else None


def mixed(sign, over, under):
    whole, rest = divmod(over, under)
    return f"{sign}{whole}\\frac{{{rest}}}{{{under}}}" if whole and rest else None


def bare_sqrt(a):
    out = re.sub(r"\\sqrt\{(\d)\}", r"\\sqrt\1", a)
    return out if out != a else None


def under_root(a):
    m = SURD.fullmatch(a)
    return f"{m[1]}\\sqrt{{{int(m[2]) ** 2 * int(m[3])}}}" if m and m[2] else None


def terms_turned(a):
    if re.search(r"[=,()\[\]&<>]|\\(frac|text|mbox|pm|cup|begin|in)\b", a): return None
    terms = TERM.findall(a.replace(" ", "").replace("^{-", "^{~"))
    if len(terms) < 2: return None
    turned = "".join(t if t[0] in "+-" else "+" + t for t in reversed(terms))
    return turned.removeprefix("+")


def list_turned(a):
    if re.search(r"[()\[\]{}=]", a.replace("\\sqrt{", "")) or "," not in a: return None
    parts = [p.strip() for p in a.split(",")]
    if any(not re.fullmatch(r"-?\d{1,2}", p) for p in parts): return None
    return ", ".join(reversed(parts))


def interval_as_inequality(a):
    m = re.fullmatch(r"(?:x \\in )?(?:\\left)?([\[(])\s*([^,()\[\]]+),\s*([^,()\[\]]+?)\s*(?:\\right)?([\])])", a)
    if not m or (m[1] == "(" and m[4] == ")" and "infty" not in a): return None
    low, high = ("<" if m[1] == "(" else r"\le"), ("<" if m[4] == ")" else r"\le")
    if m[2].strip() == r"-\infty": return f"x {high} {m[3]}"
    if m[3].strip() == r"\infty": return f"x {'>' if low == '<' else chr(92) + 'ge'} {m[2]}"
    return f"{m[2]} {low} x {high} {m[3]}"


def sided(a):
    if "left" in a or not re.fullmatch(r"[(\[].*[)\]]", a) or "cup" in a or ")(" in a: return None
    return f"\\left{a[:-1]}\\right{a[-1]}"


def word(a):
    m = re.fullmatch(r"\\text\{(\w\w+)\}", a)
    return m[1] if m else None


def choice(a):
    m = re.fullmatch(r"\\text\{\((\w)\)\}", a)
    return m[1] if m else None


def scientific(n):
    digits = str(abs(n)).rstrip("0")
    power = len(str(abs(n))) - 1
    sign = "-" if n < 0 else ""
    return f"{sign}{digits[0]}{'.' + digits[1:] if digits[1:] else ''} \\times 10^{{{power}}}"


def pi_behind(a):
    m = re.fullmatch(r"(-?\d+) ?\\pi", a)
    return f"\\pi \\cdot {m[1]}" if m and int(m[1]) > 0 else None


def base(a):
    m = re.fullmatch(r"(\d+)_\{?(\d+)\}?", a)
    return (m[1], int(m[2])) if m else None


SAME = {
    "spaces around": lambda a: f"  {a} ",
    "spaces left out": lambda a: a.replace(" ", "") if " " in a and not re.search(r"\\[a-z]+ [a-zA-Z]|text|mbox|\d \\f", a) else None,
    "dollars": lambda a: f"${a}$" if "$" not in a else None,
    "math brackets": lambda a: f"\\({a}\\)",
    "box left on": lambda a: f"\\boxed{{{a}}}",
    "trailing full stop": lambda a: a + ".",
    "\\displaystyle": lambda a: f"\\displaystyle {a}",
    "thin space behind": lambda a: a + "\\,",
    "\\left \\right": sided,
    "\\dfrac": replaced("\\frac", "\\dfrac"),
    "\\tfrac": replaced("\\frac", "\\tfrac"),
    "a/b": on_fraction(lambda s, p, q: f"{s}{p}/{q}"),
    "\\frac without braces": on_fraction(lambda s, p, q: f"{s}\\frac{p}{q}" if p < 10 and q < 10 else None),
    "decimal of a fraction": on_fraction(decimal),
    "fraction not reduced": on_fraction(lambda s, p, q: f"{s}\\frac{{{3 * p}}}{{{3 * q}}}"),
    "mixed number": on_fraction(mixed),
    "minus in the numerator": on_fraction(lambda s, p, q: f"\\frac{{-{p}}}{{{q}}}" if s else None),
    "decimal zero": on_integer(lambda n: f"{n}.0"),
    "thousands 1,000": grouped(","),
    "thousands 1{,}000": grouped("{,}"),
    "thousands 1,\\!000": grouped(",\\!"),
    "thousands 1\\,000": grouped("\\,"),
    "scientific": on_integer(scientific, 10),
    "\\text round a number": on_number(lambda n: f"\\text{{{n}}}"),
    "unit in \\text": on_number(lambda n: f"{n}\\text{{ cm}}"),
    "unit in \\mathrm": on_number(lambda n: f"{n}\\,\\mathrm{{kg}}"),
    "unit squared": on_number(lambda n: f"{n}\\text{{ m}}^2"),
    "bare unit": on_number(lambda n: f"{n} meters"),
    "percent": on_number(lambda n: f"{n}\\%"),
    "dollar sign": on_number(lambda n: f"\\${n}" if n[0] != "-" else None),
    "degree sign left out": lambda a: m[1] if (m := DEGREES.fullmatch(a)) else None,
    "degree sign °": lambda a: m[1] + "°" if (m := DEGREES.fullmatch(a)) else None,
    "degrees in words": lambda a: m[1] + "\\text{ degrees}" if (m := DEGREES.fullmatch(a)) else None,
    "x = in front": lambda a: f"x = {a}" if number(a) or fraction(a) or SURD.fullmatch(a) else None,
    "Unicode minus": lambda a: a.replace("-", "−") if number(a) and "-" in a else None,
    "\\sqrt without braces": bare_sqrt,
    "factor under the root": under_root,
    "order of terms": terms_turned,
    "order of a list": list_turned,
    "pi first": pi_behind,
    "interval as inequality": interval_as_inequality,
    "\\text left out": word,
    "word in capitals": lambda a: on(word(a), lambda w: f"\\text{{{w.capitalize()}}}"),
    "choice letter alone": choice,
    "braces round the base": lambda a: on(base(a), lambda b: f"{b[0]}_{{{b[1]}}}"),
    "bmatrix": replaced("pmatrix", "bmatrix"),
}


def pair_turned(a):
    m = PAIR.fullmatch(a)
    return f"({m[3]},{m[2]})" if m and m[2].strip() != m[3].strip() and "infty" not in a else None


def closed(a):
    if not re.fullmatch(r"(\\left)?\(.*\]|\[.*(\\right)?\)", a): return None
    return a[:-1] + ")" if a[-1] == "]" else a[:-1] + "]"


def next_letter(a):
    if "\\" in a or not re.search(r"[a-z]", a) or "=" in a: return None
    return re.sub(r"[a-z]", lambda m: "w" if m[0] != "w" else "v", a)


def digits_turned(a):
    m = re.fullmatch(r"(\d)(\d)", a)
    return m[2] + m[1] if m and m[1] != m[2] and m[2] != "0" else None


def last_sign(a):
    if re.search(r"[=,()\[\]&_]|\\(pm|cup|begin|frac|in|text|mbox)\b", a): return None
    at = max(a.rfind("+"), a.rfind("-"))
    return a[:at] + ("-" if a[at] == "+" else "+") + a[at + 1:] if at > 0 else None


OTHER = {
    "half more": on_integer(lambda n: f"{n}.5"),
    "one more": on_integer(lambda n: str(n + 1)),
    "ten times": on_integer(lambda n: f"{n}0" if n else None),
    "other sign": lambda a: (a[1:] if a[0] == "-" else "-" + a) if number(a) and float(a) or fraction(a) or SURD.fullmatch(a) else None,
    "digits turned": digits_turned,
    "numerator + 1": on_fraction(lambda s, p, q: f"{s}\\frac{{{p + 1}}}{{{q}}}"),
    "fraction turned over": on_fraction(lambda s, p, q: f"{s}\\frac{{{q}}}{{{p}}}" if p != q else None),
    "decimal rounded": on_fraction(lambda s, p, q: f"{s}{p / q:.3f}" if Fraction(p, q) != Fraction(round(1000 * p / q), 1000) else None),
    "other base": lambda a: on(base(a), lambda b: f"{b[0]}_{b[1] + 1}"),
    "last element missing": lambda a: a[:a.rfind(",")] if re.fullmatch(r"-?\d+(, ?-?\d+)+", a) and not re.search(r",\d{3}", a) else None,
    "element more": lambda a: a + ", 99" if re.fullmatch(r"-?\d+(, ?-?\d+)+", a) and not re.search(r",\d{3}", a) else None,
    "pair turned": pair_turned,
    "open for closed": closed,
    "root dropped": lambda a: m[1] + (m[2] or "1") if (m := SURD.fullmatch(a)) else None,
    "pi dropped": lambda a: a.replace("\\pi", "").strip() if re.fullmatch(r"-?\d+ ?\\pi", a) else None,
    "sign of the last term": last_sign,
    "other letter": next_letter,
    "other choice": lambda a: on(choice(a), lambda c: f"\\text{{({chr((ord(c) - 64) % 5 + 65)})}}"),
    "other word": lambda a: on(word(a), lambda w: "\\text{other}"),
    "complement of an angle": lambda a: f"{180 - int(m[1])}^\\circ" if (m := DEGREES.fullmatch(a)) and int(m[1]) not in (90, 180) else None,
    "rows turned": lambda a: "\\begin{pmatrix}" + "\\\\".join(reversed(m[1].split("\\\\"))) + "\\end{pmatrix}"
    if (m := re.fullmatch(r"\\begin\{pmatrix\}(.*)\\end\{pmatrix\}", a)) and "&" not in a else None,
}
