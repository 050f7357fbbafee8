#!/usr/bin/env python3
"""Changes one place of a kernel after the other and asks `descent doctor` whether it notices.

A mutant is one file of kernels/ with one token changed: an operator, a sign, an index, a number, a
comparison, a barrier or an assignment taken out. It is killed where the doctor says that something
is wrong, or crashes, or does not end; one that does not build is not counted. What the doctor's first
look does not kill, all its cases of the file's operations judge. What survives is printed, unless equivalent.txt says why nobody could tell it from the kernel.

    mutate_kernels.py --descent build/descent [--file dense_tile.cl] [--sample 50] [--seed 1]
"""

import argparse
import concurrent.futures
import os
import pathlib
import queue
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
KERNELS = HERE.parent.parent / "kernels"

# Which operations the kernels of a file serve, as `descent doctor --case` takes them; the likeliest
# first.
NETWORK = ["network_*"]
DENSE = ["dense_*", "dense+*"]
ACTIVATIONS = [f"{a}_*" for a in "identity sigmoid hard_sigmoid tanh relu leaky_relu elu gelu silu "
               "softplus".split()]
SERVES = {
    "activations.cl": ACTIVATIONS,
    "common.cl": ["softmax_*", "layer_norm_*", "sigmoid_*", "elu_*", "gradient_norm", "record",
                  "dense_*"] + NETWORK,
    "dense.cl": DENSE,
    "dense_strip.cl": DENSE,
    "dense_tile.cl": DENSE,
    "dropout.cl": ["dropout_*"] + NETWORK,
    "gather.cl": ["gather*"],
    "gradient_norm.cl": ["gradient_norm"],
    "layer_norm.cl": ["layer_norm_*"] + NETWORK,
    "losses.cl": ["mse*", "mae*", "huber*", "binary_cross_entropy*", "cross_entropy*"] + NETWORK,
    "network.cl": NETWORK,
    "network_products.cl": NETWORK,
    "optimizers.cl": ["sgd*", "adagrad*", "rmsprop*", "adam*"] + NETWORK,
    "record.cl": ["record"],
    "softmax.cl": ["softmax_*", "cross_entropy*"] + NETWORK,
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
    """Runs the doctor, with kernels and a cache of its own."""

    def __init__(self, options):
        self.options = options
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="descent-mutants-"))

    def close(self):
        shutil.rmtree(self.folder)

    def run(self, mutant, case, how, limit):
        kernels, cache = self.folder / "kernels", self.folder / "cache"
        for path in kernels, cache:  # what one mutant built is of no use to another
            shutil.rmtree(path, ignore_errors=True)
            path.mkdir()
        if mutant:
            (kernels / mutant.name).write_text(mutant.text)
        environment = dict(os.environ, POCL_CACHE_DIR=str(cache), DESCENT_CACHE_DIR="",
                           DESCENT_KERNEL_DIR=str(kernels))
        words = self.options.prefix.split() + [self.options.descent, "doctor", "--json", "--quiet",
                                               "--first", "--case", case, *how]
        try:
            done = subprocess.run(words + ["--device", self.options.device], env=environment,
                                  capture_output=True, text=True, timeout=limit)
        except subprocess.TimeoutExpired:
            return "hangs", ""
        if "do not build" in done.stderr + done.stdout:
            return "does not build", done.stderr
        if done.returncode == 0:
            return "survived", ""
        return "is wrong" if done.returncode == 1 else "crashes", done.stderr

    def usual(self, case):
        """How many seconds the kernels as they are take."""
        begin = time.monotonic()
        verdict, words = self.run(None, case, ["--quick"], 1200)
        if verdict != "survived":
            raise SystemExit(f"without a change, {case} {verdict}: {words}")
        return time.monotonic() - begin

    def verdict(self, mutant, usual):
        cases = list(SERVES[mutant.name])
        words = [w for w in re.findall(r"\w+", mutant.before) if len(w) > 2]
        cases.sort(key=lambda case: not any(case.startswith(w) for w in words))
        for how in [["--quick"]] if self.options.quick else [["--quick"], []]:
            for case in cases:
                limit = max(self.options.timeout, 5 * usual[case]) * (1 if how else 10)
                verdict, _ = self.run(mutant, case, how, limit)
                if verdict != "survived":
                    return verdict
        return "survived"


def judge_all(options, mutants):
    """Every mutant with its verdict, as they are found, so many at a time."""
    judges = queue.SimpleQueue()
    made = [Judge(options) for _ in range(options.jobs)]
    for judge in made:
        judges.put(judge)

    def work(task, *arguments):
        judge = judges.get()
        try:
            return task(judge, *arguments)
        finally:
            judges.put(judge)

    try:
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            cases = list({c: None for mutant in mutants for c in SERVES[mutant.name]})
            usual = dict(zip(cases, pool.map(lambda case: work(Judge.usual, case), cases)))
            yield from pool.map(lambda m: (m, work(Judge.verdict, m, usual)), mutants)
    finally:
        for judge in made:
            judge.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--descent", required=True, help="the command")
    parser.add_argument("--device", default="auto", help="as for descent")
    parser.add_argument("--file", choices=sorted(SERVES), nargs="+", help="only of these files")
    parser.add_argument("--sample", type=int, help="so many of each file, drawn at random")
    parser.add_argument("--seed", type=int, default=1, help="of the draw")
    parser.add_argument("--timeout", type=float, default=60, help="seconds at least until a first look hangs")
    parser.add_argument("--jobs", type=int, default=2, help="so many at a time")
    parser.add_argument("--quick", action="store_true", help="only by the doctor's first look")
    parser.add_argument("--verbose", action="store_true", help="print every verdict")
    parser.add_argument("--prefix", default="", help="put in front of every command")
    parser.add_argument("--list", action="store_true", help="print the mutants, judge none")
    options = parser.parse_args()
    names = options.file or sorted(SERVES)
    mutants, total = [], 0
    for name in names:
        found = mutants_of(name)
        total += len(found)
        if options.sample and options.sample < len(found):
            found = random.Random(options.seed).sample(found, options.sample)
        mutants += sorted(found, key=lambda m: (m.line, m.column))
    if options.list:
        print(*mutants, sep="\n")
        return 0
    options.descent = str(pathlib.Path(options.descent).resolve())
    reasons = equivalents()
    counts = {mutant.name: [0, 0, 0, 0] for mutant in mutants}
    for mutant, verdict in judge_all(options, mutants):
        same = (mutant.name, mutant.before, mutant.after) in reasons
        kind = (3 if verdict == "does not build" else
                0 if verdict != "survived" else 1 if same else 2)
        counts[mutant.name][kind] += 1
        if kind == 2 or options.verbose:
            print(f"{verdict:14}  {mutant}", flush=True)
        elif same and kind == 0:
            print(f"not equivalent, it {verdict}: {mutant}", flush=True)
    print(f"\n{'file':22} killed  equivalent  survived  not built")
    for name, (killed, same, survived, unbuilt) in counts.items():
        print(f"{name:22} {killed:6}  {same:10}  {survived:8}  {unbuilt:9}")
    killed, same, survived, unbuilt = (sum(c[i] for c in counts.values()) for i in range(4))
    print(f"\n{len(mutants)} of {total} mutants: {killed} killed, {same} equivalent, {survived} "
          f"survived, {unbuilt} do not build")
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main())
