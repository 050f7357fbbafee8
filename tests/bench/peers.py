"""Who is measured: a command line for a work, or the reason why there is none."""
import importlib.util
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


class Peer:
    """`command(work, path, seconds)` gives the command line that prints a line of JSON."""

    def __init__(self, name, needs, command, takes=lambda work: True, environment=None):
        self.name, self.needs, self.command, self.takes = name, needs, command, takes
        self.environment = environment or {}

    def missing(self):
        """What it needs (a Python module, or the path of a program) and is not there, or None."""
        there = os.path.exists(self.needs) if os.sep in self.needs else \
            importlib.util.find_spec(self.needs)
        return None if there else self.needs


def script(name, needs, file, *mode):
    path = os.path.join(HERE, file)
    return Peer(name, needs, lambda work, about, seconds: [sys.executable, path, about,
                                                           str(seconds), *mode])


def fann(program):
    def command(work, about, seconds):
        folder = os.path.dirname(about)
        return [program, str(seconds), str(work.warm_epochs), str(work.rate), work.activation,
                work.output, str(work.rows), os.path.join(folder, "X.npy"),
                os.path.join(folder, "y.npy"), *map(str, work.layers)]
    return Peer("FANN", program, command, lambda work: work.batch == 1 and work.loss == "mse" and
                work.optimizer == "sgd")


def trainers(descent, programs):
    """Those who train a work; descent first."""
    return [script("descent", descent, "peer_descent.py", descent),
            script("PyTorch eager", "torch", "peer_pytorch.py", "eager"),
            script("PyTorch compile", "torch", "peer_pytorch.py", "compile"),
            script("JAX step", "jax", "peer_jax.py", "step"),
            script("JAX scan", "jax", "peer_jax.py", "scan"),
            script("tinygrad", "tinygrad", "peer_tinygrad.py"),
            script("scikit-learn", "sklearn", "peer_sklearn.py"),
            fann(os.path.join(programs, "peer_fann"))]
