"""The mutants of a kernel file: each is the file with one token changed: an operator, a sign, an index,
a number, a comparison, a barrier or an assignment taken out, two arguments swapped."""

import pathlib
import re

HERE = pathlib.Path(__file__).resolve().parent
KERNELS = HERE.parent.parent / "kernels"

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
    ("operator", r" (\|=) ", "="),
    ("operator", r"(?<=[( ])(!)(?=[\w(])", ""),
    ("sign", r"(?<=[\(,=?:] )(-)(?=[\w\(])", ""),
    ("sign", r"(?<=[\(])(-)(?=[\w\(])", ""),
    ("bound", r" (<) ", "<="),
    ("bound", r" (<=) ", "<"),
    ("bound", r" (>) ", ">="),
    ("bound", r" (>=) ", ">"),
    ("comparison", r" (==) ", "!="),
    ("comparison", r" (!=) ", "=="),
    ("index", r"\[([^\[\]]+)\](?! = \{)(?!;)", r"[\1 + 1]"),
    ("number", r"(?<![\w.])([0-9]+)u?(?![\w.])", "+1"),
    ("number", r"(?<![\w.])([0-9]+\.[0-9]+(?:e-?[0-9]+)?f)", "*1.001"),
    ("number", r"(?<![\w.])(0x[0-9a-fA-F]+)u?(?![\w.])", "+1"),
    ("barrier", r"(barrier\(\w+\);)", ";"),
    ("barrier", r"(?<!define )\b(SYNC)\b", ""),
    ("assignment", r"(?<=[;{}] )([\w\[\].*]+ [+*-]?= [^;{}=]+;)", ";"),
    ("assignment", r"^\s+([\w\[\].*]+ [+*-]?= [^;{}]+;)", ";"),
    ("branch", r"\b(else)\b", ""),
    ("branch", r"\? ([\w.]+) : ([\w.]+)(?=[;),])", "? {1} : {0}"),
    ("argument", r"(?<=[(,])( ?)([\w.]+), ([\w.]+)(?=[,)])", "{0}{2}, {1}"),
    ("function", r"\b(fmin)\(", "fmax("),
    ("function", r"\b(fmax)\(", "fmin("),
    ("function", r"\b(min)\(", "max("),
    ("function", r"\b(max)\(", "min("),
]


# In front of arguments whose order does not matter, or of names that nothing depends on.
COMMUTES = re.compile(r"(\b(f?min|f?max|MULTIPLY_ADD|JOIN_?)|#define \w+)\($")


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

    def reason(self, reasons):
        """Why nobody can tell it from the kernel; None where somebody might."""
        change = self.before, self.after
        return reasons.get((self.name, *change)) or reasons.get((f"{self.name}:{self.line}", *change))

    def __str__(self):
        return f"{self.name}:{self.line}:{self.column}: {self.kind}: {self.before}  ->  {self.after}"


def masked(text):
    """The text with blanks where the preprocessor decides, or a comment stands."""
    blank = lambda match: re.sub(r"[^\n]", " ", match.group())
    text = re.sub(r"/\*.*?\*/", blank, text, flags=re.S)
    text = re.sub(r"^\s*#\s*(if|ifdef|ifndef|elif|else|endif|undef|pragma|error)\b.*$", blank, text,
                  flags=re.M)
    text = re.sub(r'_Pragma\("[^"]*"\)', blank, text)
    return re.sub(r"__attribute__\(\(.*?\)\)\)?", blank, text)


def changed(old, rule):
    if rule == "+1":
        return str(int(old, 0) + 1)
    return f"{float(old[:-1]) * 1.001:.9e}f" if float(old[:-1]) else "1.0f"


def mutants_of(name):
    text = (KERNELS / name).read_text()
    code, found = masked(text), []
    for kind, pattern, new in RULES:
        for match in re.finditer(pattern, code, flags=re.M):
            if kind == "index" or "{" in new:
                start, end = match.span()
                put = f"[{match[1]} + 1]" if kind == "index" else new.format(*match.groups())
                if put != match[0] and not COMMUTES.search(code, max(0, start - 40), start):
                    found.append(Mutant(name, text, start, end, put, kind))
                continue
            start, end = match.span(1)
            put = changed(match[1], new) if kind == "number" else new.rstrip("(")
            found.append(Mutant(name, text, start, end, put, kind))
    return sorted(found, key=lambda m: (m.line, m.column, m.kind))


def equivalents():
    """(file, line, changed line) -> reason: paragraphs of the file, the line behind "- ", the changed one
    behind "+ ", the reason. A file with the line's number behind it, where only that line is meant."""
    reasons = {}
    text = (HERE / "equivalent.txt").read_text()
    for paragraph in re.split(r"\n\s*\n", re.sub(r"^#.*\n", "", text, flags=re.M)):
        if not paragraph.strip():
            continue
        name, before, after, *reason = paragraph.strip().splitlines()
        if not (before.startswith("- ") and after.startswith("+") and reason):
            raise SystemExit(f"equivalent.txt: not a file, a line, a changed line, a reason: {paragraph}")
        reasons[name, before[2:].strip(), after[2:].strip()] = " ".join(reason)
    return reasons
