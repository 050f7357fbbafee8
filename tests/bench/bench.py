#!/usr/bin/env python3
"""Runs descent and its peers on the same works, one after the other and over again, and prints the
medians. See README.md beside this file."""
import argparse
import json
import os
import platform
import shlex
import subprocess
import sys
import tempfile

import peers
import tables
import works

OTHERS = ("W5", "memory")  # what is measured beside the trainings


def machine():
    """The processor's model as lscpu names it, and what else decides a figure."""
    out = subprocess.run(["lscpu"], capture_output=True, text=True, check=True).stdout
    about = dict(line.split(":", 1) for line in out.splitlines() if ":" in line)
    names = ("Model name", "CPU family", "Model", "L2 cache", "L3 cache")
    return {"cores": len(os.sched_getaffinity(0)), "system": platform.platform(),
            "python": platform.python_version()} | {
                name.lower(): about[name].strip() for name in names if name in about}


def measure(peer, arguments, options):
    """A measurement as a dictionary; {"failed": why} if the peer could not do it."""
    command = shlex.split(options.run_with) + peer.command(*arguments)
    done = subprocess.run(command, capture_output=True, text=True, check=False,
                          env=os.environ | peer.environment)
    try:
        return json.loads(done.stdout.strip().splitlines()[-1])
    except (IndexError, json.JSONDecodeError):
        return {"failed": (done.stderr.strip().splitlines() or [f"exit {done.returncode}"])[-1]}


def interleave(group, arguments, options):
    """Every peer once a round. Returns the measurements by peer; who fails is not tried again."""
    found = {peer.name: [] for peer in group}
    for number in range(options.rounds):
        for peer in group:
            if found[peer.name] and "failed" in found[peer.name][-1]:
                continue
            print(f"  round {number + 1} of {options.rounds}: {peer.name}", file=sys.stderr)
            found[peer.name].append(measure(peer, arguments, options))
    return found


def present(group, work):
    """Those of a group that are there and know how to do a work; says who is not there."""
    for peer in group:
        if peer.missing():
            print(f"  missing: {peer.name} (no {peer.missing()})", file=sys.stderr)
    return [peer for peer in group if not peer.missing() and peer.takes(work)]


def chosen_peers(group, options):
    """Those whose name has one of the wanted parts; descent always."""
    wanted = ["descent"] + (options.peers.lower().split(",") if options.peers else [""])
    return [peer for peer in group if any(part in peer.name.lower() for part in wanted)]


def train(options, programs, folder):
    """Every chosen work that is a training, with its table."""
    descent = os.path.abspath(options.descent or os.path.join(options.build, "descent"))
    group, results = chosen_peers(peers.trainers(descent, programs), options), {}
    for work in options.works:
        print(work, file=sys.stderr)
        results[work.name] = interleave(present(group, work), (work, works.write(work, folder),
                                                               options.seconds), options)
        print(tables.trainers(work, results[work.name]), flush=True)
    return results


def multiply(options, programs):
    """The products of the dense layers of W3 and W4, with their tables."""
    group, results = chosen_peers(peers.multipliers(programs), options), {}
    for size in works.PRODUCTS:
        name = "W5 " + "x".join(map(str, size))
        print(name, file=sys.stderr)
        results[name] = interleave(present(group, size), (size, None, options.seconds), options)
        print(tables.products(size, results[name]), flush=True)
    return results


def measure_driver(programs, options):
    """The memory of an OpenCL driver by itself; the second run finds its kernel compiled."""
    peer = peers.empty_kernel(programs)
    found = {}
    for _ in range(2 if present([peer], None) else 0):
        found = {"memory": {peer.name: [measure(peer, (None, None, 0), options)]}}
    for measurement in found.get("memory", {}).get(peer.name, []):
        print(f"an empty OpenCL kernel: {measurement.get('memory_mib', 0):.1f} MiB at most\n")
    return found


def parse():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build", help="folder that descent was built in")
    parser.add_argument("--descent", help="the program (default: BUILD/descent)")
    parser.add_argument("--only", help="works, such as W2,W3,W5,memory (default: all)")
    parser.add_argument("--peers", help="part of the names of those to run, such as pytorch,jax")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3, help="of every measurement, about")
    parser.add_argument("--json", metavar="FILE", help="write every measurement there")
    parser.add_argument("--run-with", default="", metavar="COMMAND",
                        help="put in front of every measuring process, such as 'nice -n -5'")
    own = parser.add_argument_group("a work of your own")
    own.add_argument("--network", metavar="56-100x3-1", help="units of input, layers, output")
    own.add_argument("--activation", default="relu", choices=("sigmoid", "tanh", "relu"))
    own.add_argument("--output", default="identity", choices=("identity", "sigmoid", "tanh"))
    own.add_argument("--loss", default="mse", choices=("mse", "cross_entropy"))
    own.add_argument("--optimizer", default="adam", choices=tuple(works.RATES))
    own.add_argument("--rate", type=float)
    own.add_argument("--batch", type=int, default=64)
    own.add_argument("--rows", type=int, default=4096)
    options = parser.parse_args()
    try:
        options.works = chosen_works(options)
    except ValueError as mistake:
        parser.error(str(mistake))
    return options


def chosen_works(options):
    if options.network:
        return [works.make("own", options.network, options.activation, options.loss,
                           options.optimizer, options.batch, options.rows, rate=options.rate,
                           output=options.output)]
    names = options.only.split(",") if options.only else [*works.WORKS, *OTHERS]
    for name in names:
        if name not in works.WORKS and name not in OTHERS:
            raise ValueError(f"no work '{name}'; there are {', '.join([*works.WORKS, *OTHERS])}")
    return [works.WORKS[name] for name in names if name in works.WORKS]


def wants(options, name):
    return name in options.only.split(",") if options.only else not options.network


def main():
    options = parse()
    programs = os.path.abspath(os.path.join(options.build, "bench"))
    about, results = machine(), {}
    print(tables.machine(about), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        results |= train(options, programs, folder)
    if wants(options, "W5"):
        results |= multiply(options, programs)
    if wants(options, "memory"):
        results |= measure_driver(programs, options)
    print(tables.versions(results))
    if options.json:
        with open(options.json, "w") as file:
            json.dump({"machine": about, "results": results}, file, indent=1)


if __name__ == "__main__":
    main()
