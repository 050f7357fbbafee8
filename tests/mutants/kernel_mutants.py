"""The mutants of a kernel file: each is the file with one thing changed: an operator, a sign, an index,
a number, a comparison, an item's place; a term, a condition, a barrier, an assignment or a call taken out;
two arguments swapped, or one in the other's place."""

import collections
import pathlib
import re

HERE = pathlib.Path(__file__).resolve().parent
KERNELS = HERE.parent.parent / "kernels"

# What stands between operators: a name, a number, an element, a cast or a call without one inside.
OPERAND = r"(?:\(\w+\))?[*!]?[\w.]+(?:\([^()]*\)|\[[^\[\]]*\])*"
COMPARISON = rf"!?{OPERAND}(?: [=!<>]=? -?{OPERAND})?"

# Kind, pattern, replacement. A pattern's first group, where it has one, is what is replaced; where the
# replacement names groups, all of it.
RULES = [
    ("operator", r"(?<=[\w\)\]]) (\+) (?=[\w\(])", "-"),
    ("operator", r"(?<=[\w\)\]]) (-) (?=[\w\(])", "+"),
    ("operator", r"(?<=[\w\)\]]) (\*) (?=[\w\(])", "+"),
    ("operator", r"(?<=[\w\)\]]) (/) (?=[\w\(])", "*"),
    ("operator", r" (%) ", "/"),
    ("operator", r" (\+=) ", "-="),
    ("operator", r" (-=) ", "+="),
    ("operator", r" (\*=) ", "+="),
    ("operator", r" (&&) ", "||"),
    ("operator", r" (\|\|) ", "&&"),
    ("operator", r" (<<) ", ">>"),
    ("operator", r" (>>) ", "<<"),
    ("operator", r" (&) ", "|"),
    ("operator", r" (\|) ", "&"),
    ("operator", r" (\^) ", "|"),
    ("operator", r" ([-+*/|]=) ", "="),
    ("operator", r"(?<=[( ])(!)(?=[\w(])", ""),
    ("sign", r"(?<=[\(,=?:] )(-)(?=[\w\(])", ""),
    ("sign", r"(?<=[\(])(-)(?=[\w\(])", ""),
    ("sign", r"\breturn (-)(?=[\w\(])", ""),
    ("sign", r"\breturn ()(?=[a-z\(])", "-"),
    ("sign", r" [-+]?= ()(?=[a-z\(])", "-"),
    ("term", rf"( [-+*/%&|] {OPERAND})(?=[ ;,)\]])", ""),
    ("term", rf"(?<=[ (\[]){OPERAND} ([+*&|]) (?=[\w\(])", ""),
    ("condition", rf"( (?:\|\||&&) {COMPARISON})(?=[ ;,)])", ""),
    ("condition", rf"(?<=[ (])({COMPARISON} (?:\|\||&&) )(?=[\w(!])", ""),
    ("bound", r" (<) ", "<="),
    ("bound", r" (<=) ", "<"),
    ("bound", r" (>) ", ">="),
    ("bound", r" (>=) ", ">"),
    ("bound", r"; \w+( <) ", " + 1 <"),
    ("comparison", r" (<) ", ">="),
    ("comparison", r" (<=) ", ">"),
    ("comparison", r" (>) ", "<="),
    ("comparison", r" (>=) ", "<"),
    ("comparison", r" (==) ", "!="),
    ("comparison", r" (!=) ", "=="),
    ("index", r"\[([^\[\]]+)\](?! = \{)(?!;)", r"[\1 + 1]"),
    ("index", r"\[([^\[\]]+)\](?! = \{)(?!;)", r"[\1 - 1]"),
    ("number", r"(?<![\w.])([0-9]+)u?(?![\w.])", "+1"),
    ("number", r"(?<![\w.])([1-9][0-9]*)u?(?![\w.])", "-1"),
    ("number", r"(?<![\w.])([0-9]+(?:\.[0-9]+)?(?:e-?[0-9]+)?f)", "*1.001"),
    ("number", r"(?<![\w.])([0-9]+(?:\.[0-9]+)?(?:e-?[0-9]+)?f)", "*1.00001"),
    ("number", r"(?<![\w.])(0x[0-9a-fA-F.]+p-?[0-9]+f)", "*1.001"),
    ("number", r"(?<![\w.])(0x[0-9a-fA-F]+)u?l?(?![\w.])", "+1"),
    ("item", r"\b(get_global_id)\b", "get_local_id"),
    ("item", r"\b(get_global_id)\b", "get_group_id"),
    ("item", r"\b(get_local_id)\b", "get_global_id"),
    ("item", r"\b(get_group_id)\b", "get_global_id"),
    ("name", r"\b[a-z_]+(1)\b(?!\()", "2"),
    ("name", r"\b[a-z_]+(2)\b(?!\()", "1"),
    ("barrier", r"(barrier\(\w+\);)", ";"),
    ("barrier", r"(?<!define )\b(SYNC)\b", ""),
    ("assignment", r"(?<=[;{}] )([\w\[\].*]+ [-+*/|&^]?= [^;{}=]+;)", ";"),
    ("assignment", r"^\s+([\w\[\].*]+ [-+*/|&^]?= [^;{}]+;)", ";"),
    ("branch", r"\b(else)\b", ""),
    ("branch", r"\? ([\w.]+) : ([\w.]+)(?=[;),])", "? {1} : {0}"),
    ("branch", r"\bif (\((?:[^()]|\([^()]*\))*\))", "(1)"),
    ("branch", r"\bif (\((?:[^()]|\([^()]*\))*\))", "(0)"),
    ("call", r"(?<=[;{}] )(\w+\([^;{}]*\);)", ";"),
    ("call", r"^\s+((?!if|for|while|barrier|return)\w+\([^;{}]*\);)", ";"),
    ("argument", r"(?<=[(,])( ?)([\w.]+), ([\w.]+)(?=[,)])", "{0}{2}, {1}"),
    ("argument", r"(?<=[(,])( ?)([\w.]+), ([\w.]+)(?=[,)])", "{0}{1}, {1}"),
    ("argument", r"(?<=[(,])( ?)([\w.]+), ([\w.]+)(?=[,)])", "{0}{2}, {2}"),
    ("function", r"\b(fmin)\(", "fmax("),
    ("function", r"\b(fmax)\(", "fmin("),
    ("function", r"\b(min)\(", "max("),
    ("function", r"\b(max)\(", "min("),
    ("function", r"\b(fabs|sqrt|trunc|settled|clz)\(", "("),
    ("function", r"\b(larger)\(", "fmax("),
    ("directive", r"^# *(ifdef)\b", "ifndef"),
    ("directive", r"^# *(ifndef)\b", "ifdef"),
    ("directive", r"^# *if .*(==)", "!="),
    ("directive", r"^(#pragma OPENCL .*)$", ""),
]


# In front of arguments whose order does not matter, or of names that nothing depends on.
COMMUTES = re.compile(r"\b(f?min|f?max|MULTIPLY_ADD|JOIN_?)\($|#define \w+\([^()]*$")


class Mutant:
    def __init__(self, name, text, start, end, new, kind):
        self.name, self.kind = name, kind
        self.text = text[:start] + new + text[end:]
        self.line = text.count("\n", 0, start) + 1
        begin = text.rfind("\n", 0, start) + 1
        stop = text.find("\n", end)
        self.before = " ".join(text[begin:stop].rstrip(" \\").split())
        self.after = " ".join((text[begin:start] + new + text[end:stop]).rstrip(" \\").split())
        self.column = start - begin + 1
        heads = re.findall(r"^[a-zA-Z_].*?(\w+)\(|^#define (\w+)", text[:stop], flags=re.M)
        self.function = "".join(heads[-1]) if heads else ""

    def reason(self, entries):
        """Why nobody can tell it from the kernel; None where somebody might."""
        for entry in entries:
            if {self.name, f"{self.name}:{self.line}"} & entry.files and any(
                    before.fullmatch(self.before) and after.fullmatch(self.after)
                    for before, after in entry.changes):
                return entry.reason
        return None

    def __str__(self):
        return f"{self.name}:{self.line}:{self.column}: {self.kind}: {self.before}  ->  {self.after}"


def blank(match):
    return re.sub(r"[^\n]", " ", match.group())


def without_comments(text):
    return re.sub(r"/\*.*?\*/", blank, text, flags=re.S)


def masked(text):
    """The text with blanks where the preprocessor decides."""
    text = re.sub(r"^\s*#\s*(if|ifdef|ifndef|elif|else|endif|undef|pragma|error)\b.*$", blank, text,
                  flags=re.M)
    text = re.sub(r'_Pragma\("[^"]*"\)', blank, text)
    return re.sub(r"__attribute__\(\(.*?\)\)\)?", blank, text)


def changed(old, rule):
    """A number by one, or by a share of it."""
    if rule in ("+1", "-1"):
        return str(int(old, 0) + int(rule))
    value = float.fromhex(old[:-1]) if old.startswith("0x") else float(old[:-1])
    return f"{value * float(rule[1:]):.9e}f" if value else "1.0f"


def mutants_of(name):
    text = (KERNELS / name).read_text()
    whole = without_comments(text)
    code, found = masked(whole), {}
    for kind, pattern, new in RULES:
        for match in re.finditer(pattern, whole if kind == "directive" else code, flags=re.M):
            if kind == "argument" and COMMUTES.search(code, max(0, match.start() - 40), match.start()):
                continue
            all_of_it = kind == "index" or "{" in new
            start, end = match.span(0 if all_of_it else 1)
            put = (match.expand(new) if kind == "index" else
                   new.format(*match.groups()) if all_of_it else
                   changed(match[1], new) if kind == "number" else new.rstrip("("))
            if put != text[start:end]:
                found.setdefault((start, end, put), Mutant(name, text, start, end, put, kind))
    return sorted(found.values(), key=lambda m: (m.line, m.column, m.kind))


Entry = collections.namedtuple("Entry", "files changes reason")


def pattern_of(line):
    """A line in which three dots stand for anything."""
    return re.compile(".*?".join(re.escape(part) for part in line.strip().split("...")))


def equivalents():
    """The paragraphs of equivalent.txt: files, with a line's number where only that is meant; lines
    behind "- ", each with changed ones behind "+ " below it; the reason."""
    entries = []
    text = (HERE / "equivalent.txt").read_text()
    for paragraph in re.split(r"\n\s*\n", re.sub(r"^#.*\n", "", text, flags=re.M)):
        if not paragraph.strip():
            continue
        names, *lines = paragraph.strip().splitlines()
        changes, before = [], None
        while lines and lines[0][:2] in ("- ", "+ ", "+"):
            line = lines.pop(0)
            if line.startswith("-"):
                before = pattern_of(line[1:])
            else:
                changes.append((before, pattern_of(line[1:])))
        if not lines or not changes or not before:
            raise SystemExit(f"equivalent.txt: no files, lines, changed lines, a reason: {paragraph}")
        entries.append(Entry(set(names.split()), changes, " ".join(lines)))
    return entries
