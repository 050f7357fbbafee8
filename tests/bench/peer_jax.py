"""JAX on the CPU, the data on its device. Modes: step, one update per call; scan, whole epochs."""
import functools

import jax
import jax.numpy as jnp
import numpy as np

import measure
import works

ACTIVATIONS = {"sigmoid": jax.nn.sigmoid, "tanh": jnp.tanh, "relu": jax.nn.relu,
               "identity": lambda x: x}


def forward(work, parameters, x):
    for i, (w, b) in enumerate(parameters):
        last = i == len(parameters) - 1
        x = ACTIVATIONS[work.output if last else work.activation](x @ w + b)
    return x


def loss_of(work, parameters, x, y):
    out = forward(work, parameters, x)
    if work.loss == "mse":
        return jnp.mean((out - y) ** 2)
    return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(out), y[:, None], axis=1))


def update(work, state, x, y):
    """One step of the optimizer; the state is (parameters, first moments, second moments, number)."""
    parameters, first, second, number = state
    gradient = jax.grad(functools.partial(loss_of, work))(parameters, x, y)
    tree = jax.tree.map
    if work.optimizer == "sgd":
        parameters = tree(lambda p, g: p - work.rate * g, parameters, gradient)
    elif work.optimizer == "momentum":
        first = tree(lambda m, g: 0.9 * m + g, first, gradient)
        parameters = tree(lambda p, m: p - work.rate * m, parameters, first)
    else:
        number = number + 1
        first = tree(lambda m, g: 0.9 * m + 0.1 * g, first, gradient)
        second = tree(lambda v, g: 0.999 * v + 0.001 * g * g, second, gradient)
        rate, root = work.rate / (1 - 0.9 ** number), jnp.sqrt(1 - 0.999 ** number)
        parameters = tree(lambda p, m, v: p - rate * m / (jnp.sqrt(v) / root + 1e-8),
                          parameters, first, second)
    return parameters, first, second, number


def build(work, features, target, mode):
    x, y = jnp.asarray(features), jnp.asarray(target.astype(np.int32)
                                              if work.loss == "cross_entropy" else target)
    parameters = [(jnp.asarray(w.T), jnp.asarray(b)) for w, b in works.initial_parameters(work)]

    def moments(wanted):
        return jax.tree.map(jnp.zeros_like, parameters) if wanted else ()

    state = [(parameters, moments(work.optimizer != "sgd"), moments(work.optimizer == "adam"),
              jnp.zeros(()))]
    batches = work.rows // work.batch
    random = np.random.default_rng(work.seed)

    @functools.partial(jax.jit, donate_argnums=0)
    def step(state, x, y, order, number):
        rows = order[number]
        return update(work, state, x[rows], y[rows])

    @functools.partial(jax.jit, donate_argnums=0)
    def scan(state, x, y, order):
        return jax.lax.scan(lambda s, rows: (update(work, s, x[rows], y[rows]), None),
                            state, order)[0]

    def orders(epochs):
        rows = np.broadcast_to(np.arange(work.rows, dtype=np.int32), (epochs, work.rows))
        return random.permuted(rows, axis=1).reshape(epochs * batches, work.batch)

    at_once = max(8192 // work.rows, 1) if mode == "scan" else 1

    def train(epochs):
        chunks = -(-epochs // at_once)
        for _ in range(chunks):
            order = jnp.asarray(orders(at_once))
            if mode == "scan":
                state[0] = scan(state[0], x, y, order)
            else:
                for number in range(batches):
                    state[0] = step(state[0], x, y, order, number)
        jax.block_until_ready(state[0])
        return chunks * at_once

    return train, lambda: forward(work, state[0][0], x)


if __name__ == "__main__":
    measure.main(f"JAX {jax.__version__}", build)
