"""What a mutant is shown, and the verdict of `descent doctor` on it.

It first sees the cases that killed its neighbours, then little of the likeliest operations, then all
cases of those that its file serves; whatever the change stands behind an #if for is left out. The kernels
as they are pass every look first, so that a fault is the mutant's, and only what it changed is built."""

import collections
import functools
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from fnmatch import fnmatch

from kernel_mutants import KERNELS

# Which operations the kernels of a file serve, as `descent doctor --case` takes them; the likeliest
# first. A case that a later one includes is shown with little work.
NETWORK = [f"network_{case}*" for case in (
    "updates/lanes-8x4", "blocks/lanes-16x2", "updates/lanes-16x1", "updates/items-256x32",
    "updates/items-32x16", "")]  # few that take little to compile, and all
DENSE = ["dense_*", "dense+*"]
ACTIVATIONS = [f"{a}_*" for a in "identity sigmoid hard_sigmoid tanh relu leaky_relu elu gelu silu "
               "softplus".split()]
SERVES = {
    "activations.cl": ACTIVATIONS,
    "common.cl": ["softmax_*", "layer_norm_*", "adam*", "gradient_norm", "record", "mse*",
                  "dense_*"] + NETWORK,
    "dense.cl": DENSE,
    "dense_strip.cl": DENSE,
    "dense_tile.cl": DENSE,
    "dropout.cl": ["dropout_*"] + NETWORK,
    "functions.cl": [f"{name}*" for name in (
        "sigmoid_", "elu_", "softplus_", "tanh_", "gelu_", "silu_", "softmax_", "cross_entropy",
        "binary_cross_entropy")] + ["*/portable*"],
    "gather.cl": ["gather*"],
    "gradient_norm.cl": ["gradient_norm"],
    "layer_norm.cl": ["layer_norm_*"] + NETWORK,
    "losses.cl": ["mse*", "mae*", "huber*", "binary_cross_entropy*", "cross_entropy*"] + NETWORK,
    "network.cl": NETWORK,
    "network_products.cl": NETWORK,
    "network_single.cl": ["network_updates/lanes-1x1-global*", "network_blocks/lanes-1x1-*"],
    "optimizers.cl": ["sgd*", "adagrad*", "rmsprop*", "adam*"] + NETWORK,
    "peak.cl": ["peak_*"],
    "portable.cl": ["sgd/portable/1x1x1/ordinary*", "layer_norm_forward/portable", "*/portable*",
                    "network_*-portable*"],
    "record.cl": ["record"],
    "softmax.cl": ["softmax_*", "cross_entropy*"] + NETWORK,
}

# Parts of files that no device is given but one with these settings of the layer (--layer).
ELSEWHERE = {"portable.cl": "FAULTY_NO_DIVISION=1"}

# PoCL runs the items of a group in turn, puts barriers of its own around loops, and reads and writes
# beyond a private array in silence: what survives, Oclgrind (--oclgrind) judges, too, by little of these
# cases, or of the ops that the file serves.
SIMULATED = {name: [f"network_{case}" for case in (
    "updates/items-2x1-local", "updates/items-32x16-global", "updates/items-256x32-global",
    "updates/items-64x4-global-portable", "blocks/lanes-1x4-global-2", "updates/lanes-8x4-global",
    "blocks/lanes-2x1-global-13", "updates/items-8x16-global/33to2/evaluate-33*")]
    for name in ("network.cl", "network_products.cl")}
SIMULATED["network_single.cl"] = SERVES["network_single.cl"]
SIMULATED["dense_strip.cl"] = ["dense_*/s*/65x129x3/ordinary*", "dense_*/s*/1x127x129/ordinary*",
                               "dense_forward/strips/3x1000x7/ordinary*",
                               "dense+*/small/3x7x64/ordinary*"]
SIMULATED["dense_tile.cl"] = ["dense_forward/portable-tiles/1x127x129/ordinary*",
                              "dense_*/parts/127x31x1/ordinary*", "dense+*/parts/3x7x64/ordinary*",
                              "dense_backward/portable-tiles/1x127x129/ordinary-added*",
                              "dense_forward/parts/97x63x127/ordinary*",
                              "dense_backward/tiles/63x65x64/ordinary*"]
SIMULATED["dense.cl"] = SIMULATED["dense_strip.cl"] + SIMULATED["dense_tile.cl"]
SIMULATED["portable.cl"] = ["sgd/portable/1x1x1/ordinary*"]
SIMULATION = "races", "out of bounds"  # its verdicts
OUT_OF_BOUNDS = re.compile(r"Invalid (read|write)|exceeds static array size")

# What the doctor is asked: these cases, of little work or of all, on the device with such settings.
Look = collections.namedtuple("Look", "case quick settings", defaults=[""])
Verdict = collections.namedtuple("Verdict", "words look seconds")


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


# ---- where a change is seen ----

# The options that decide between #if and #else, for ops and for networks. Those of some files are too
# many to tell.
OPS = ["", "-DHAS_FMA -DHAS_EXACT_DIVISION -DWIDTH=8"]
NETWORKS = [f"-DNETWORK -DHAS_FMA -DHAS_EXACT_DIVISION -DLANES={n} -DWIDTH={n}" for n in (1, 8)]
OF_MANY = re.compile(r"(dense|network).*\.cl")


@functools.lru_cache(16)
def preprocessed(text, options):
    words = ["cpp", "-P", "-dD", "-undef", "-w", "-D__OPENCL_VERSION__=120", *options.split()]
    return subprocess.run(words, input=text, capture_output=True, text=True).stdout


def is_seen(mutant, look):
    """Whether what the look builds is changed."""
    if OF_MANY.fullmatch(mutant.name):
        return True
    ways = NETWORKS if look.case.startswith("network") else OPS
    if "/portable" in look.case or "-portable" in look.case:
        ways = [f"{way} -DPORTABLE" for way in ways]
    elif "/" not in look.case:
        ways = ways + [f"{way} -DPORTABLE" for way in ways]
    kernel = (KERNELS / mutant.name).read_text()
    return any(preprocessed(mutant.text, way) != preprocessed(kernel, way) for way in ways)


# ---- verdicts ----


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
        if how:
            # Oclgrind alone; its threads wait for each other more than they do.
            environment.update(OCL_ICD_VENDORS="/nonexistent", OCLGRIND_NUM_THREADS="1")
        elif look.settings:
            environment.update([look.settings.split("=")], OPENCL_LAYERS=self.options.layer)
        # Seconds of the processor: others may need it, too.
        words = ["prlimit", f"--cpu={limit}", *self.options.prefix.split(), *how, self.options.descent,
                 "doctor", "--quiet", "--first", "--case", look.case, *["--quick"] * look.quick,
                 "--device", self.options.device]
        try:
            done = subprocess.run(words, env=environment, capture_output=True, text=True,
                                  errors="replace", timeout=120 + 4 * limit)
        except subprocess.TimeoutExpired:
            return "hangs", ""
        if -done.returncode in (signal.SIGXCPU, signal.SIGKILL):
            return "hangs", ""
        if "do not build" in done.stderr:
            return "does not build", done.stderr
        if done.returncode == 0 or "there is no case" in done.stderr:  # in a first look
            return "survived", ""
        return "is wrong" if done.returncode == 1 else "crashes", done.stderr

    def faults(self, mutant, look):
        """What Oclgrind finds. Unoptimized: LLVM moves loads in front of the condition that keeps them
        from racing, and takes out what would be out of bounds."""
        log = self.folder / "log"
        log.unlink(missing_ok=True)
        self.run(mutant, look, 300, ["oclgrind", "--build-options", "-cl-opt-disable", "--data-races",
                                     "--log", str(log)])
        said = log.read_text(errors="replace") if log.exists() else ""
        return "races" if "data race" in said else "out of bounds" if OUT_OF_BOUNDS.search(said) else None

    def simulated(self, mutant):
        """The first fault that the kernels as they are don't have, and the look."""
        served = [case for case in SERVES[mutant.name] if not case.startswith("network")]
        for case in SIMULATED.get(mutant.name, served):
            look = Look(case, "/portable" not in case and case.count("/") < 2, "oclgrind")
            found = self.faults(mutant, look)
            if found and look not in self.passed and self.faults(None, look):
                raise SystemExit(f"without a change, Oclgrind finds a fault in {look.case}")
            self.passed.add(look)
            if found:
                return found, look
        return "survived", look

    def require(self, look):
        """The kernels as they are pass the look, in the same time."""
        if look in self.passed:
            return
        words, said = self.run(None, look, 10 * self.limit_of(look))
        if words != "survived":
            raise SystemExit(f"without a change, {look.case} {words}: {said}")
        words, said = self.run(None, look, self.limit_of(look) // 2)
        if words != "survived":
            raise SystemExit(f"without a change, {look.case} takes too long; see --timeout")
        self.passed.add(look)

    def limit_of(self, look):
        """For one case or little of many, for all cases of an op, for networks."""
        little = look.quick or look.case.count("/") == 4
        return self.options.timeout * (1 if little else 10 if look.case.startswith("network") else 3)

    def looks_at(self, mutant):
        """What killed its neighbours; then, of what its function or its line names before the others, and
        of ops before networks, little and all."""
        words = re.findall(r"[a-z]+(?:_[a-z]+)*", f"{mutant.function} {mutant.before}")
        is_named = lambda case: any(w.startswith(case.split("/")[0].rstrip("*_")) for w in words)
        is_network = lambda case: case.startswith("network")
        cases = sorted(SERVES[mutant.name], key=lambda case: (is_network(case), not is_named(case)))
        looks = []
        for case in cases:
            part = any(fnmatch(case, wider) for wider in cases if wider != case)
            little = is_named(case) or (part and "/portable" not in case)
            looks += [Look(case, True)] * (little or self.options.quick)
            looks += [Look(case, False)] * (not part and not self.options.quick)
        if self.options.layer and mutant.name in ELSEWHERE:
            looks += [Look(case, False, ELSEWHERE[mutant.name]) for case in cases]
        looks = self.neighbours.looks_at(mutant) + looks
        return [look for look in dict.fromkeys(looks) if not fnmatch(look.case, self.options.leave_out)]

    def narrowed(self, look, words, said):
        """The look that killed, as the one case of it."""
        named = re.search(r"--case '([^']+)'", said) if words == "is wrong" else None
        look = look._replace(case=named[1]) if named else look
        self.passed.add(look)
        return look

    def verdict(self, mutant):
        begin, words, said, look = time.monotonic(), "survived", "", Look("", False)
        made = set()
        for look in self.looks_at(mutant):
            if not is_seen(mutant, look):
                continue
            self.require(look)
            before = set(self.builds.glob("*/*"))
            words, said = self.run(mutant, look, self.limit_of(look))
            if words == "crashes":  # by itself, and not by whoever ends processes
                words, said = self.run(mutant, look, self.limit_of(look))
            made |= set(self.builds.glob("*/*")) - before
            if words != "survived":
                break
        for build in made:  # of no use to another mutant
            shutil.rmtree(build, ignore_errors=True)
        if words == "survived" and self.options.oclgrind:
            words, look = self.simulated(mutant)
        elif words not in ("survived", "does not build"):
            look = self.narrowed(look, words, said)
            self.neighbours.note(mutant.name, mutant.line, look)
        return Verdict(words, look, time.monotonic() - begin)
