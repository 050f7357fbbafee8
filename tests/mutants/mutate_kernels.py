#!/usr/bin/env python3
"""Changes one place of a kernel after the other and asks `descent doctor` whether it notices.

A mutant is one file of kernels/ with one token changed: an operator, a sign, an index, a number, a
comparison, a barrier or an assignment taken out. It is killed where the doctor says that something
is wrong, or crashes, or does not end; one that does not build is no mutant. What survives is
printed, unless equivalent.txt says why nobody could tell it from the kernel.

    mutate_kernels.py --descent build/descent [--file dense_tile.cl] [--sample 50] [--seed 1]
"""

import argparse
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
KERNELS = HERE.parent.parent / "kernels"

# Which operations the kernels of a file serve, as the doctor names them; the likeliest first.
ACTIVATIONS = ("identity sigmoid hard_sigmoid tanh relu leaky_relu elu gelu silu softplus").split()
NETWORK = ["network_.*"]
SERVES = {
    "activations.cl": [f"{a}_(forward|backward)" for a in ACTIVATIONS] + NETWORK,
    "common.cl": ["softmax_.*", "layer_norm_.*", "sigmoid_.*", "elu_.*", "gradient_norm.*", "record",
                  "dense_.*"] + NETWORK,
    "dense.cl": ["dense_(forward|backward)", r"dense\+.*"],
    "dense_strip.cl": ["dense_(forward|backward)", r"dense\+.*"],
    "dense_tile.cl": ["dense_(forward|backward)", r"dense\+.*"],
    "dropout.cl": ["dropout_.*"] + NETWORK,
    "gather.cl": ["gather.*"],
    "gradient_norm.cl": ["gradient_norm.*"],
    "layer_norm.cl": ["layer_norm_.*"] + NETWORK,
    "losses.cl": ["mse.*", "mae.*", "huber.*", "binary_cross_entropy.*", "cross_entropy.*"] + NETWORK,
    "network.cl": NETWORK,
    "network_products.cl": NETWORK,
    "optimizers.cl": ["sgd.*", "adagrad.*", "rmsprop.*", "adam.*"] + NETWORK,
    "record.cl": ["record"],
    "softmax.cl": ["softmax_.*", "cross_entropy.*"] + NETWORK,
}

# Kind, pattern, replacement. A pattern's first group, where it has one, is what is replaced.
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
    ("operator", r" (&) ", "|"),
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
    ("barrier", r"(barrier\(\w+\);)", ";"),
    ("assignment", r"(?<=[;{}] )([\w\[\].*]+ [+*-]?= [^;{}=]+;)", ";"),
    ("assignment", r"^\s+([\w\[\].*]+ [+*-]?= [^;{}]+;)", ";"),
    ("function", r"\b(fmin)\(", "fmax("),
    ("function", r"\b(fmax)\(", "fmin("),
    ("function", r"\b(min)\(", "max("),
    ("function", r"\b(max)\(", "min("),
]


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
        return str(int(old) + 1)
    return f"{float(old[:-1]) * 1.001:.9e}f" if float(old[:-1]) else "1.0f"


def mutants_of(name):
    text = (KERNELS / name).read_text()
    code, found = masked(text), []
    for kind, pattern, new in RULES:
        for match in re.finditer(pattern, code, flags=re.M):
            if kind == "index":
                start, end = match.span()
                found.append(Mutant(name, text, start, end, f"[{match[1]} + 1]", kind))
                continue
            start, end = match.span(1)
            put = changed(match[1], new) if kind == "number" else new.rstrip("(")
            found.append(Mutant(name, text, start, end, put, kind))
    return sorted(found, key=lambda m: (m.line, m.column, m.kind))


def equivalents():
    """Changed line -> reason, by file: "file | line | changed line | reason"."""
    reasons = {}
    for line in (HERE / "equivalent.txt").read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            name, before, after, reason = (part.strip() for part in line.split(" | "))
            reasons[name, before, after] = reason
    return reasons


class Judge:
    def __init__(self, options):
        self.options = options
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="descent-mutants-"))
        self.cache = self.folder / "cache"
        self.cache.mkdir()
        self.known = self.run(None, None)[1]
        self.entries = set(os.listdir(self.cache))

    def close(self):
        shutil.rmtree(self.folder)

    def run(self, mutant, case):
        """How the doctor ended, and which operations it names."""
        kernels = self.folder / "kernels"
        shutil.rmtree(kernels, ignore_errors=True)
        kernels.mkdir()
        environment = dict(os.environ, POCL_CACHE_DIR=str(self.cache),
                           DESCENT_CACHE_DIR="", DESCENT_KERNEL_DIR=str(kernels))
        if mutant:
            (kernels / mutant.name).write_text(mutant.text)
        words = self.options.prefix.split() + [self.options.descent, "doctor", "--json", "--quick"]
        words += ["--first"] if mutant else []
        words += ["--case", case] if case else []
        words += ["--device", self.options.device]
        try:
            done = subprocess.run(words, env=environment, capture_output=True, text=True,
                                  timeout=self.options.timeout if mutant else 1200)
        except subprocess.TimeoutExpired:
            return "hangs", []
        if not mutant and done.returncode != 0:
            sys.exit(f"the doctor finds fault with the kernels as they are: {done.stderr}")
        if done.returncode == 0:
            rows = json.loads(done.stdout)["rows"] if not mutant else []
            return "survived", list(dict.fromkeys(row["operation"] for row in rows))
        if "do not build" in done.stderr + done.stdout:
            return "does not build", []
        return "crashes" if done.returncode < 0 else "is wrong", []

    def verdict(self, mutant):
        cases = [o for p in SERVES[mutant.name] for o in self.known if re.fullmatch(p, o)]
        words = set(re.findall(r"\w+", mutant.before))
        cases.sort(key=lambda o: not any(o.startswith(w) for w in words if len(w) > 2))
        verdict = "survived"
        for case in dict.fromkeys(cases):
            verdict, _ = self.run(mutant, case)
            if verdict != "survived":
                break
        for entry in set(os.listdir(self.cache)) - self.entries:  # of no use to any other mutant
            path = self.cache / entry
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        return verdict


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--descent", required=True, help="the command")
    parser.add_argument("--device", default="auto", help="as for descent")
    parser.add_argument("--file", choices=sorted(SERVES), help="only of this file")
    parser.add_argument("--sample", type=int, help="so many, drawn at random")
    parser.add_argument("--seed", type=int, default=1, help="of the draw")
    parser.add_argument("--timeout", type=float, default=60, help="seconds until a mutant hangs")
    parser.add_argument("--prefix", default="", help="put in front of every command")
    parser.add_argument("--list", action="store_true", help="print the mutants, judge none")
    options = parser.parse_args()
    names = [options.file] if options.file else sorted(SERVES)
    mutants = [mutant for name in names for mutant in mutants_of(name)]
    total = len(mutants)
    if options.sample and options.sample < total:
        mutants = random.Random(options.seed).sample(mutants, options.sample)
        mutants.sort(key=lambda m: (m.name, m.line, m.column))
    if options.list:
        print(*mutants, sep="\n")
        return 0
    options.descent = str(pathlib.Path(options.descent).resolve())
    judge, reasons = Judge(options), equivalents()
    counts = {name: [0, 0, 0] for name in names}
    try:
        for mutant in mutants:
            verdict = judge.verdict(mutant)
            same = (mutant.name, mutant.before, mutant.after) in reasons
            if verdict == "does not build":
                continue
            counts[mutant.name][0 if verdict != "survived" else 1 if same else 2] += 1
            if verdict == "survived" and not same:
                print(f"survived  {mutant}", flush=True)
            elif same and verdict != "survived":
                print(f"not equivalent, it {verdict}: {mutant}", flush=True)
    finally:
        judge.close()
    print(f"\n{'file':22} killed  equivalent  survived")
    for name, (killed, same, survived) in counts.items():
        print(f"{name:22} {killed:6}  {same:10}  {survived:8}")
    killed, same, survived = (sum(c[i] for c in counts.values()) for i in range(3))
    print(f"\n{killed + same + survived} of {total} mutants: {killed} killed, {same} equivalent, "
          f"{survived} survived")
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main())
