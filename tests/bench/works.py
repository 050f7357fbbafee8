"""The works that are measured, and the made-up data that they train on."""
import json
import os
import re
from dataclasses import asdict, dataclass, replace

import numpy as np

RATES = {"sgd": 0.01, "momentum": 0.01, "adam": 0.001}


@dataclass(frozen=True)
class Work:
    name: str
    layers: tuple  # units of the input and of every dense layer
    activation: str  # behind every dense layer but the last
    loss: str  # mse or cross_entropy
    optimizer: str  # sgd, momentum (sgd with 0.9) or adam
    batch: int
    rows: int  # of the data set, a multiple of the batch
    output: str = "identity"  # behind the last dense layer
    rate: float = 0
    warm_epochs: int = 2  # trained before the clock starts; the loss behind them is shown
    seed: int = 1

    def __str__(self):
        widths = "-".join(str(units) for units in self.layers)
        return (f"{self.name}: {widths} {self.activation}, {self.loss}, {self.optimizer}, "
                f"batch {self.batch}, {self.rows} rows")


def parse_layers(text):
    """'429-1000x8' is 429 and eight times 1000."""
    layers = []
    for part in text.split("-"):
        match = re.fullmatch(r"([1-9]\d*)(?:x([1-9]\d*))?", part)
        if not match:
            raise ValueError(f"'{part}' in '{text}' is no width: write 56-100x3-1")
        layers += [int(match[1])] * int(match[2] or 1)
    if len(layers) < 2:
        raise ValueError(f"'{text}' has no layer: write 56-100x3-1")
    return tuple(layers)


def make(name, layers, activation, loss, optimizer, batch, rows=4096, **more):
    more = {key: value for key, value in more.items() if value is not None}
    more.setdefault("rate", RATES[optimizer])
    rows = max(rows // batch, 1) * batch
    return Work(name, parse_layers(layers), activation, loss, optimizer, batch, rows, **more)


WORKS = {work.name: work for work in (
    make("W1", "2-2-1", "sigmoid", "mse", "sgd", 1, 4, output="sigmoid", rate=0.5,
         warm_epochs=2048),
    make("W2", "56-100x3-1", "relu", "mse", "adam", 64),
    make("W3", "784-256-128-10", "relu", "cross_entropy", "adam", 128),
    make("W4", "429-1000x8", "relu", "cross_entropy", "momentum", 512, 2048),
    make("odd", "61-97-33-7", "tanh", "cross_entropy", "adam", 33),
    make("b1", "30-50-1", "relu", "mse", "sgd", 1, 1024),
)}

# Every (batch, inputs, units) of a dense layer in W3 and W4.
PRODUCTS = tuple(dict.fromkeys(
    (work.batch, inputs, units) for work in (WORKS["W3"], WORKS["W4"])
    for inputs, units in zip(work.layers, work.layers[1:])))


def make_data(work):
    """Features, and targets that a random map with a kink gives: something to learn."""
    random = np.random.default_rng(work.seed)
    outputs = work.layers[-1]
    if work.name == "W1":
        return (np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32),
                np.array([[0], [1], [1], [0]], np.float32))
    features = random.standard_normal((work.rows, work.layers[0]), np.float32)
    scale = work.layers[0] ** -0.5
    map = random.standard_normal((work.layers[0], outputs), np.float32) * scale
    values = np.abs(features @ map) - 0.8
    if work.loss == "cross_entropy":
        target = np.argmax(values, axis=1).astype(np.int64)
        target[:outputs] = np.arange(min(outputs, work.rows))  # no class without a row
        return features, target
    return features, values.astype(np.float32)


def initial_parameters(work):
    """Weights of shape (out, in) and biases, drawn as PyTorch draws them; every peer that takes
    weights begins with these."""
    random = np.random.default_rng(work.seed)
    for inputs, units in zip(work.layers, work.layers[1:]):
        bound = inputs ** -0.5
        yield (random.uniform(-bound, bound, (units, inputs)).astype(np.float32),
               random.uniform(-bound, bound, units).astype(np.float32))


def write(work, folder):
    """Writes X.npy, y.npy and work.json, what a peer is told; returns the path of the latter."""
    folder = os.path.join(folder, work.name)
    os.makedirs(folder, exist_ok=True)
    features, target = make_data(work)
    about = asdict(work) | {"features": os.path.join(folder, "X.npy"),
                            "target": os.path.join(folder, "y.npy")}
    np.save(about["features"], features)
    np.save(about["target"], target)
    path = os.path.join(folder, "work.json")
    with open(path, "w") as file:
        json.dump(about, file)
    return path


def read(path):
    """The work, its features and its target."""
    with open(path) as file:
        about = json.load(file)
    features, target = np.load(about.pop("features")), np.load(about.pop("target"))
    about["layers"] = tuple(about["layers"])
    return Work(**about), features, target
