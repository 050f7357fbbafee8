#!/usr/bin/env python3
"""Changes one place of a kernel after the other and asks `descent doctor` whether it notices.

A mutant (kernel_mutants.py) is killed where the doctor says that something is wrong, or crashes, or does
not end; one that does not build is not counted. It first sees the cases that killed its neighbours, then
little of the likeliest operations, then all cases of those that its file serves. What survives is printed,
unless equivalent.txt says why nobody could tell it from the kernel.

    mutate_kernels.py --descent build/descent [--file dense_tile.cl] [--sample 50] [--judged verdicts.csv]
"""

import argparse
import concurrent.futures
import csv
import itertools
import os
import pathlib
import queue
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import namedtuple
from fnmatch import fnmatch

from kernel_mutants import equivalents, mutants_of

# Which operations the kernels of a file serve, as `descent doctor --case` takes them; the likeliest
# first.
NETWORK = ["network_updates/lanes-8x*", "network_updates/items-*", "network_blocks", "network_*"]
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
    "network_single.cl": ["network_updates/lanes-1x1-global*", "network_blocks/lanes-1x1-*"],
    "optimizers.cl": ["sgd*", "adagrad*", "rmsprop*", "adam*"] + NETWORK,
    "portable.cl": [f"{name}/portable" for name in (
        "tanh_forward", "elu_forward", "softplus_forward", "gelu_forward", "adam", "layer_norm_forward",
        "cross_entropy", "binary_cross_entropy")] + ["*/portable*"],
    "record.cl": ["record"],
    "softmax.cl": ["softmax_*", "cross_entropy*"] + NETWORK,
}

# Parts of files that no device is given but one with these settings of the layer (--layer).
ELSEWHERE = {"portable.cl": "FAULTY_NO_DIVISION=1"}

# Where items wait for each other: PoCL runs them in turn, and puts barriers of its own around loops, so
# that Oclgrind (--oclgrind) judges barriers that the doctor does not miss.
RACES = {
    "common.cl": ["softmax_forward/tiles", "record/tiles"],
    "dense_tile.cl": ["dense_forward/tiles/3x7x63"],
    "network.cl": ["network_blocks/items-64x4-global-2/31to3/train-17",
                   "network_updates/items-2x1-local/3to7/train-17",
                   "network_updates/items-2x1-local/3to7/evaluate-33",
                   "network_updates/items-64x4-global-portable/3to2/train-17",
                   "network_updates/items-256x32-global/33to33/evaluate-64",
                   "network_updates/items-256x32-global/33to33/train-64"],
}

# What the doctor is asked: these cases, of little work or of all, on the device with such settings.
Look = namedtuple("Look", "case quick settings", defaults=[""])
Verdict = namedtuple("Verdict", "words look seconds")  # of processor time

# A verdict as --judged keeps it.
COLUMNS = ["file", "line", "column", "kind", "before", "after", "verdict", "case", "quick",
           "settings", "seconds"]


class Neighbours:
    """What killed mutants, by file and line."""

    def __init__(self):
        self.killers, self.lock = {}, threading.Lock()

    def note(self, name, line, look):
        with self.lock:
            self.killers.setdefault(name, []).append((line, look))

    def looks_at(self, mutant):
        """The four that killed the nearest."""
        with self.lock:
            near = sorted(self.killers.get(mutant.name, []), key=lambda k: abs(k[0] - mutant.line))
        return list(dict.fromkeys(look for _, look in near))[:4]


class Judge:
    """Runs the doctor, with kernels of its own."""

    def __init__(self, options, neighbours, number):
        self.options, self.neighbours = options, neighbours
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="descent-mutants-"))
        self.kernels = self.folder / "kernels"
        self.builds = pathlib.Path(options.cache) / str(number) if options.cache else self.folder / "builds"
        self.builds.mkdir(parents=True, exist_ok=True)
        self.passed = set()  # looks, by the kernels as they are

    def close(self):
        shutil.rmtree(self.folder)

    def run(self, mutant, look, limit, how=()):
        shutil.rmtree(self.kernels, ignore_errors=True)
        self.kernels.mkdir()
        if mutant:
            (self.kernels / mutant.name).write_text(mutant.text)
        environment = dict(os.environ, POCL_CACHE_DIR=str(self.builds), DESCENT_CACHE_DIR="",
                           DESCENT_KERNEL_DIR=str(self.kernels))
        if look.settings:
            environment.update([look.settings.split("=")], OPENCL_LAYERS=self.options.layer)
        words = self.options.prefix.split() + [
            *how, self.options.descent, "doctor", "--quiet", "--first", "--case", look.case,
            *["--quick"] * look.quick, "--device", self.options.device]
        try:
            done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=limit)
        except subprocess.TimeoutExpired:
            return "hangs", ""
        if "do not build" in done.stderr:
            return "does not build", done.stderr
        if done.returncode == 0 or "there is no case" in done.stderr:  # in a first look
            return "survived", ""
        return "is wrong" if done.returncode == 1 else "crashes", done.stderr

    def race(self, mutant):
        """The case that Oclgrind finds a race in. Unoptimized: LLVM moves loads in front of the condition
        that keeps them from racing."""
        log = self.folder / "races"
        how = ["oclgrind", "--build-options", "-cl-opt-disable", "--data-races", "--log", str(log)]
        for case in RACES.get(mutant.name, []):
            log.unlink(missing_ok=True)
            self.run(mutant, Look(case, False), 300, how)
            if log.exists() and "data race" in log.read_text():
                return Look(case, False)
        return None

    def check(self, look, words, said):
        """The look that killed, narrowed to its case; the kernels as they are must pass it, in the same
        time."""
        named = re.search(r"--case '([^']+)'", said) if words == "is wrong" else None
        look = look._replace(case=named[1]) if named else look
        if look not in self.passed:
            verdict, said = self.run(None, look, self.limit_of(look))
            if verdict != "survived":
                raise SystemExit(f"without a change, {look.case} {verdict}: {said}")
            self.passed.add(look)
        return look

    def limit_of(self, look):
        return self.options.timeout * (1 if look.quick else 10)

    def looks_at(self, mutant):
        """What killed its neighbours; little of the likeliest: what a word of its line names, or stands
        before something wider; then all cases."""
        cases = SERVES[mutant.name]
        words = re.findall(r"[a-z]+(?:_[a-z]+)*", mutant.before)
        named = [case for case in cases if any(w.startswith(case.rstrip("*_")) for w in words)]
        within = [case for case in cases if any(fnmatch(case, c) for c in cases if c != case)]
        if self.options.quick:
            looks = [Look(case, True) for case in named + cases]
        else:
            looks = [Look(case, "/portable" not in case) for case in named + within]
            looks += [Look(case, False) for case in cases if case not in within]
            if self.options.layer and mutant.name in ELSEWHERE:
                looks += [Look(case, False, ELSEWHERE[mutant.name]) for case in cases]
        return list(dict.fromkeys(self.neighbours.looks_at(mutant) + looks))

    def verdict(self, mutant):
        cpu = lambda: sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])
        begin, words, said, look = cpu(), "survived", "", Look("", False)
        mine = set(self.builds.glob("*/*"))
        for look in self.looks_at(mutant):
            words, said = self.run(mutant, look, self.limit_of(look))
            if words != "survived":
                break
        spent = cpu() - begin
        for build in set(self.builds.glob("*/*")) - mine:  # of no use to another mutant
            shutil.rmtree(build, ignore_errors=True)
        if words == "survived" and mutant.kind == "barrier" and self.options.oclgrind:
            race = self.race(mutant)
            return Verdict("races" if race else words, race or look, cpu() - begin)
        if words not in ("survived", "does not build"):
            look = self.check(look, words, said)
            self.neighbours.note(mutant.name, mutant.line, look)
        return Verdict(words, look, spent)


def judge_all(options, mutants, neighbours):
    """Every mutant with its verdict, as they are found, so many at a time."""
    judges = queue.SimpleQueue()
    made = [Judge(options, neighbours, number) for number in range(options.jobs)]
    for judge in made:
        judges.put(judge)
    end = time.monotonic() + options.seconds

    def work(mutant):
        judge = judges.get()
        try:
            return mutant, judge.verdict(mutant) if time.monotonic() < end else None
        finally:
            judges.put(judge)

    try:
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            yield from (pair for pair in pool.map(work, mutants) if pair[1])
    finally:
        for judge in made:
            judge.close()


# ---- what was found ----


def key_of(mutant):
    return mutant.name, str(mutant.line), str(mutant.column), mutant.before, mutant.after


def read_judged(path, neighbours):
    """Verdicts of other runs."""
    verdicts = {}
    if path and os.path.exists(path):
        with open(path, newline="") as file:
            for row in csv.DictReader(file):
                look = Look(row["case"], row["quick"] == "True", row["settings"])
                verdicts[row["file"], row["line"], row["column"], row["before"], row["after"]] = Verdict(
                    row["verdict"], look, float(row["seconds"]))
                if row["verdict"] not in ("survived", "does not build", "races"):
                    neighbours.note(row["file"], int(row["line"]), look)
    return verdicts


def keep_judged(path, mutant, verdict):
    if not path:
        return
    new = not os.path.exists(path)
    with open(path, "a", newline="") as file:
        writer = csv.writer(file)
        if new:
            writer.writerow(COLUMNS)
        writer.writerow([mutant.name, mutant.line, mutant.column, mutant.kind, mutant.before, mutant.after,
                         verdict.words, verdict.look.case, verdict.look.quick, verdict.look.settings,
                         f"{verdict.seconds:.2f}"])


class Table:
    """Counts by file."""

    KINDS = ["killed", "equivalent", "within", "survived", "not built"]

    def __init__(self):
        self.counts, self.seconds, self.reasons = {}, {}, equivalents()

    def add(self, mutant, verdict, verbose):
        reason = mutant.reason(self.reasons)
        kind = ("not built" if verdict.words == "does not build" else
                "killed" if verdict.words != "survived" else
                "survived" if not reason else
                "within" if reason.startswith("within the bound") else "equivalent")
        self.counts.setdefault(mutant.name, [0] * len(self.KINDS))[self.KINDS.index(kind)] += 1
        if kind == "killed":
            self.seconds.setdefault(mutant.name, []).append(verdict.seconds)
        if kind == "survived" or verbose:
            print(f"{verdict.words:14}  {mutant}", flush=True)
        elif reason and kind == "killed":
            print(f"not equivalent, it {verdict.words}: {mutant}", flush=True)

    def show(self, totals):
        print(f"\n{'file':22} {'mutants':>7}  " + "  ".join(self.KINDS) + "  s each")
        rows = [(name, totals[name], self.counts[name], self.seconds.get(name, []))
                for name in sorted(self.counts)]
        rows.append(("all", sum(totals.values()), [sum(c) for c in zip(*self.counts.values())],
                     sum(self.seconds.values(), [])))
        for name, total, counts, seconds in rows:
            print(f"{name:22} {total:7}  " +
                  "  ".join(f"{count:{len(kind)}}" for kind, count in zip(self.KINDS, counts)) +
                  f"  {sum(seconds) / max(1, len(seconds)):6.1f}")
        return rows[-1][2][self.KINDS.index("survived")] > 0


def read_options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--descent", required=True, help="the command")
    parser.add_argument("--device", default="auto", help="as for descent")
    parser.add_argument("--file", choices=sorted(SERVES), nargs="+", help="only of these files")
    parser.add_argument("--kind", nargs="+", help="only of these kinds: barrier, bound, ...")
    parser.add_argument("--sample", type=int, help="so many of each file, the first in a random order")
    parser.add_argument("--seed", type=int, default=1, help="of that order")
    parser.add_argument("--timeout", type=float, default=60, help="seconds until a first look hangs; ten times as many for all cases")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="begin no other after these")
    parser.add_argument("--jobs", type=int, default=1, help="so many at a time")
    parser.add_argument("--judged", metavar="CSV", help="verdicts, of other runs and this one")
    parser.add_argument("--cache", metavar="FOLDER", help="PoCL's builds of unchanged kernels, for other runs")
    parser.add_argument("--quick", action="store_true", help="only by the doctor's first look")
    parser.add_argument("--verbose", action="store_true", help="print every verdict")
    parser.add_argument("--layer", metavar="LIBRARY", help="of tests/layers/faulty_layer.c, for other devices")
    parser.add_argument("--oclgrind", action="store_true", help="judge surviving barriers by it, too")
    parser.add_argument("--prefix", default="", help="put in front of every command")
    parser.add_argument("--list", action="store_true", help="print the mutants, judge none")
    options = parser.parse_args()
    options.descent = str(pathlib.Path(options.descent).resolve())
    options.layer = options.layer and str(pathlib.Path(options.layer).resolve())
    return options


def draw(options, name):
    """Those of a file that are judged; a smaller sample is part of a larger one."""
    found = [m for m in mutants_of(name) if not options.kind or m.kind in options.kind]
    order = random.Random(options.seed).sample(found, len(found))
    return order[:options.sample], len(found)


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    options, neighbours, table = read_options(), Neighbours(), Table()
    drawn = {name: draw(options, name) for name in options.file or sorted(SERVES)}
    turns = itertools.zip_longest(*(found for found, _ in drawn.values()))
    mutants = [m for turn in turns for m in turn if m]
    if options.list:
        print(*sorted(mutants, key=lambda m: (m.name, m.line, m.column)), sep="\n")
        return 0
    judged = read_judged(options.judged, neighbours)
    for mutant in mutants:
        if key_of(mutant) in judged:
            table.add(mutant, judged[key_of(mutant)], options.verbose)
    open_ones = [m for m in mutants if key_of(m) not in judged]
    for mutant, verdict in judge_all(options, open_ones, neighbours):
        keep_judged(options.judged, mutant, verdict)
        table.add(mutant, verdict, options.verbose)
    return table.show({name: total for name, (_, total) in drawn.items() if name in table.counts})


if __name__ == "__main__":
    sys.exit(main())
