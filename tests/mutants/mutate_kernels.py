#!/usr/bin/env python3
"""Changes one place of a kernel after the other and asks `descent doctor` whether it notices.

A mutant (kernel_mutants.py) is killed where the doctor says that something is wrong, or crashes, or does
not end; one that does not build is not counted. What survives is printed, unless equivalent.txt says why
nobody could tell it from the kernel. How little a mutant may be shown stands in judge.py.

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
import signal
import sys
import time

from judge import SERVES, SIMULATION, Judge, Look, Neighbours, Verdict
from kernel_mutants import equivalents, mutants_of

# A verdict as --judged keeps it.
COLUMNS = ["file", "line", "column", "kind", "before", "after", "verdict", "case", "quick",
           "settings", "seconds"]


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


def place_of(mutant):
    return mutant.name, mutant.line, mutant.column


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
                if row["verdict"] not in ("survived", "does not build", *SIMULATION):
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

    def kind_of(self, mutant, verdict):
        reason = mutant.reason(self.reasons)
        return ("not built" if verdict.words == "does not build" else
                "killed" if verdict.words != "survived" else
                "survived" if not reason else
                "within" if reason.startswith("within the bound") else "equivalent")

    def add(self, mutant, verdict, verbose):
        kind, reason = self.kind_of(mutant, verdict), mutant.reason(self.reasons)
        self.counts.setdefault(mutant.name, [0] * len(self.KINDS))[self.KINDS.index(kind)] += 1
        if kind == "killed":
            self.seconds.setdefault(mutant.name, []).append(verdict.seconds)
        if kind == "survived" or verbose:
            print(f"{verdict.words:14}  {mutant}", flush=True)
        elif reason and kind == "killed":
            print(f"not equivalent, it {verdict.words}: {mutant}", flush=True)

    def show(self, totals):
        print(f"\n{'file':22} {'mutants':>7} {'judged':>7}  " + "  ".join(self.KINDS) + "  s each")
        rows = [(name, totals[name], self.counts[name], self.seconds.get(name, []))
                for name in sorted(self.counts)]
        rows.append(("all", sum(totals.values()), [sum(c) for c in zip(*self.counts.values())],
                     sum(self.seconds.values(), [])))
        for name, total, counts, seconds in rows:
            print(f"{name:22} {total:7} {sum(counts):7}  " +
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
    parser.add_argument("--timeout", type=int, default=20, help="the processor's seconds until a first look hangs; ten times as many for whole networks")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="begin no other after these")
    parser.add_argument("--jobs", type=int, default=1, help="so many at a time")
    parser.add_argument("--judged", metavar="CSV", help="verdicts, of other runs and this one")
    parser.add_argument("--cache", metavar="FOLDER", help="PoCL's builds of unchanged kernels, for other runs")
    parser.add_argument("--quick", action="store_true", help="only by the doctor's first look")
    parser.add_argument("--leave-out", metavar="PATTERN", default="", help="cases that are not shown, such as network_*, which take long to compile")
    parser.add_argument("--again", action="store_true", help="judge those once more that survived, and that equivalent.txt does not know")
    parser.add_argument("--verbose", action="store_true", help="print every verdict")
    parser.add_argument("--layer", metavar="LIBRARY", help="of tests/layers/faulty_layer.c, for other devices")
    parser.add_argument("--oclgrind", action="store_true", help="judge what survives by it, too")
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
    if options.sample:  # a file after the other, for as long as there are
        turns = itertools.zip_longest(*(found for found, _ in drawn.values()))
        mutants = [m for turn in turns for m in turn if m]
    else:  # neighbours behind each other
        mutants = [m for found, _ in drawn.values() for m in sorted(found, key=place_of)]
    if options.list:
        print(*sorted(mutants, key=place_of), sep="\n")
        return 0
    judged = read_judged(options.judged, neighbours)
    if options.again:
        for mutant in mutants:
            if key_of(mutant) in judged and table.kind_of(mutant, judged[key_of(mutant)]) == "survived":
                del judged[key_of(mutant)]
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
