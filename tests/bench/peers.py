"""Who is measured, with what each needs and the command line of a measurement."""
import importlib.util
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


class Peer:
    """`command(work, about, seconds)` gives the command line that prints a line of JSON; `about` is
    the path of the work's description, or None for one that is not a training."""

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


# Kernels of OpenBLAS that a processor of today may want: an OpenBLAS older than the
# processor picks slow ones. A name that it does not know leaves the choice to it.
CORES = ("", "SkylakeX", "Cooperlake", "Sapphirerapids")


def product(name, needs, start, **environment):
    return Peer(name, needs, lambda size, about, seconds: [*start, *map(str, size), str(seconds)],
                environment=environment)


def multipliers(programs):
    """Those who do the products of a dense layer; descent first."""
    pytorch = os.path.join(HERE, "product_pytorch.py")

    def program(name, what, **environment):
        path = os.path.join(programs, what)
        return product(name, path, [path], **environment)

    return [program("descent", "product_descent"),
            product("PyTorch", "torch", [sys.executable, pytorch]),
            *(program(f"OpenBLAS {core}".strip(), "product_openblas",
                      **({"OPENBLAS_CORETYPE": core} if core else {})) for core in CORES),
            program("CLBlast", "product_clblast")]


def empty_kernel(programs):
    """An OpenCL driver that has nothing to do: its memory is what descent cannot go below."""
    path = os.path.join(programs, "empty_kernel")
    return Peer("empty kernel", path, lambda work, about, seconds: [path])
