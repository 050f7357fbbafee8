"""tinygrad with its OpenCL backend, on the first device that OpenCL names."""
import os

os.environ["DEV"] = "CL"

from importlib.metadata import version

import numpy as np
from tinygrad import Context, Device, Tensor, TinyJit, nn

import measure
import works

ACTIVATIONS = {"sigmoid": Tensor.sigmoid, "tanh": Tensor.tanh, "relu": Tensor.relu,
               "identity": lambda x: x}


def build(work, features, target, mode):
    layers = []
    for weight, bias in works.initial_parameters(work):
        layers.append(nn.Linear(*weight.shape[::-1]))
        layers[-1].weight, layers[-1].bias = Tensor(weight).realize(), Tensor(bias).realize()
    parameters = [p for layer in layers for p in (layer.weight, layer.bias)]
    if work.optimizer == "adam":
        optimizer = nn.optim.Adam(parameters, work.rate)
    else:
        optimizer = nn.optim.SGD(parameters, work.rate,
                                 momentum=0.9 if work.optimizer == "momentum" else 0)
    classes = work.loss == "cross_entropy"
    x = Tensor(features).realize()
    y = Tensor(target.astype(np.int32) if classes else target).realize()
    random = np.random.default_rng(work.seed)

    def forward(x):
        for layer in layers[:-1]:
            x = ACTIVATIONS[work.activation](layer(x))
        return ACTIVATIONS[work.output](layers[-1](x))

    @TinyJit
    def step(rows):
        optimizer.zero_grad()
        out, wanted = forward(x[rows]), y[rows]
        loss = out.sparse_categorical_crossentropy(wanted) if classes else \
            ((out - wanted) ** 2).mean()
        loss.backward()
        optimizer.step()

    def train(epochs):
        with Context(TRAINING=1):
            for _ in range(epochs):
                order = random.permutation(work.rows).astype(np.int32)
                for first in range(0, work.rows, work.batch):
                    step(Tensor(order[first:first + work.batch]).realize())
        Device[Device.DEFAULT].synchronize()
        return epochs

    return train, lambda: forward(x).numpy()


if __name__ == "__main__":
    measure.main(f"tinygrad {version('tinygrad')} on {Device.DEFAULT}", build)
