#!/usr/bin/env python3
"""Trains random networks with descent and with PyTorch and compares what comes out.

    python3 agree_with_pytorch.py DESCENT [CASES [SEED]]

needs torch, numpy and safetensors. Every case draws layers, a loss, an optimizer with options, a
schedule, a batch size and data; both start from the same safetensors file and go through the rows in
file order. Judged are

    device      each tensor against PyTorch in float64, to 1e-4 of its norm, where PyTorch's own
                float32 run stays within 1e-5; history.csv's losses likewise
    reference   every parameter in the JSON against PyTorch in float64, to 1e-12 of its tensor's norm,
                where a rounding of the start in its last bit changes PyTorch's own result by less
"""
import csv
import json
import math
import os
import subprocess
import sys
import tempfile

import numpy as np
import torch
import yaml
from safetensors.torch import load_file, save_file

class HardSigmoid(torch.nn.Module):
    """torch.nn.Hardsigmoid multiplies by 1/6 rounded to float32, in float64 too."""

    def forward(self, x):
        return torch.clamp(x / 6 + 0.5, 0, 1)


ACTIVATIONS = {
    "identity": torch.nn.Identity, "sigmoid": torch.nn.Sigmoid, "tanh": torch.nn.Tanh,
    "hard_sigmoid": HardSigmoid, "relu": torch.nn.ReLU, "gelu": torch.nn.GELU,
    "silu": torch.nn.SiLU, "softplus": torch.nn.Softplus,
}


def draw_layers(rng, features, outputs):
    recipe, modules, width = [], [], features
    for _ in range(rng.integers(0, 3)):
        units = int(rng.integers(1, 6))
        bias = bool(rng.integers(0, 4))
        recipe.append({"dense": {"units": units, "bias": bias}})
        modules.append(torch.nn.Linear(width, units, bias=bias))
        width = units
        kind = rng.integers(0, 12)
        if kind < 8:
            name = list(ACTIVATIONS)[kind]
            recipe.append(name)
            modules.append(ACTIVATIONS[name]())
        elif kind == 8:
            slope = float(rng.uniform(0, 0.3))
            recipe.append({"leaky_relu": slope})
            modules.append(torch.nn.LeakyReLU(slope))
        elif kind == 9:
            alpha = float(rng.uniform(0.2, 2))
            recipe.append({"elu": alpha})
            modules.append(torch.nn.ELU(alpha))
        elif kind == 10 and width > 1:
            recipe.append("softmax")
            modules.append(torch.nn.Softmax(dim=1))
        elif kind == 11 and width > 1:
            epsilon = float(rng.uniform(1e-3, 1e-1))
            recipe.append({"layer_norm": {"epsilon": epsilon}})
            modules.append(torch.nn.LayerNorm(width, eps=epsilon))
    recipe.append({"dense": outputs})
    modules.append(torch.nn.Linear(width, outputs))
    return recipe, torch.nn.Sequential(*modules)


def draw_loss(rng):
    kind = rng.integers(0, 5)
    if kind == 0:
        return "mse", torch.nn.MSELoss(), "numbers"
    if kind == 1:
        return "mae", torch.nn.L1Loss(), "numbers"
    if kind == 2:
        delta = float(rng.uniform(0.2, 2))
        return {"huber": {"delta": delta}}, torch.nn.HuberLoss(delta=delta), "numbers"
    if kind == 3:
        return "binary_cross_entropy", torch.nn.BCEWithLogitsLoss(), "binary"
    return "cross_entropy", torch.nn.CrossEntropyLoss(), "classes"


def draw_optimizer(rng):
    decay = float(rng.choice([0, 0.01, 0.1]))
    kind = rng.integers(0, 5)
    if kind == 0:
        momentum = float(rng.choice([0, 0.5, 0.9]))
        nesterov = bool(momentum and rng.integers(0, 2))
        rate = float(rng.uniform(0.003, 0.03))
        return {"sgd": {"rate": rate, "momentum": momentum, "nesterov": nesterov,
                        "weight_decay": decay}}, rate, lambda p: torch.optim.SGD(
            p, rate, momentum=momentum, nesterov=nesterov, weight_decay=decay)
    rate = float(rng.uniform(0.001, 0.01))
    if kind == 1:
        return {"adagrad": {"rate": rate, "weight_decay": decay}}, rate, \
            lambda p: torch.optim.Adagrad(p, rate, weight_decay=decay)
    if kind == 2:
        alpha, momentum = float(rng.uniform(0.8, 0.99)), float(rng.choice([0, 0.5]))
        return {"rmsprop": {"rate": rate, "alpha": alpha, "momentum": momentum,
                            "weight_decay": decay, "epsilon": 1e-4}}, rate, \
            lambda p: torch.optim.RMSprop(p, rate, alpha=alpha, momentum=momentum, eps=1e-4,
                                          weight_decay=decay)
    betas = (float(rng.uniform(0.8, 0.95)), float(rng.uniform(0.9, 0.999)))
    options = {"rate": rate, "beta1": betas[0], "beta2": betas[1], "epsilon": 1e-5}
    if kind == 3:
        return {"adam": dict(options, weight_decay=decay)}, rate, lambda p: torch.optim.Adam(
            p, rate, betas=betas, eps=1e-5, weight_decay=decay)
    return {"adamw": dict(options, weight_decay=decay)}, rate, lambda p: torch.optim.AdamW(
        p, rate, betas=betas, eps=1e-5, weight_decay=decay)


def draw_schedule(rng, total, rate):
    kind = rng.integers(0, 5)
    if kind == 0:
        return None, lambda o: None
    if kind == 1:
        every, factor = int(rng.integers(2, 50)), float(rng.uniform(0.5, 0.99))
        return {"step": {"every": every, "factor": factor}}, \
            lambda o: torch.optim.lr_scheduler.StepLR(o, every, factor)
    if kind == 2:
        factor = float(rng.uniform(0.98, 0.999))
        return {"exponential": {"factor": factor}}, \
            lambda o: torch.optim.lr_scheduler.ExponentialLR(o, factor)
    if kind == 3:
        to = float(rng.uniform(0, rate / 2))
        return {"cosine": {"to": to}}, \
            lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, total, to)
    peak = 2 * rate
    return {"one_cycle": {"peak": peak}}, lambda o: torch.optim.lr_scheduler.OneCycleLR(
        o, peak, total_steps=total, cycle_momentum=False)


def train(model, dtype, start, x, y, loss, make_optimizer, make_schedule, batch, epochs, clip):
    model = model.to(dtype)
    model.load_state_dict({k: v.to(dtype) for k, v in start.items()})
    optimizer = make_optimizer(model.parameters())
    schedule = make_schedule(optimizer)
    x = x.to(dtype)
    y = y.to(dtype) if y.is_floating_point() else y
    history = []
    for _ in range(epochs):
        total = 0.0
        for i in range(0, len(x), batch):
            optimizer.zero_grad()
            value = loss(model(x[i:i + batch]), y[i:i + batch])
            value.backward()
            if clip:
                torch.nn.utils.clip_grad_norm_(model.parameters(), clip)
            optimizer.step()
            if schedule:
                schedule.step()
            total += value.item() * len(x[i:i + batch])
        history.append(total / len(x))
    return {k: v.detach().double().clone() for k, v in model.state_dict().items()}, history


def distance(a, b):
    return max(float((a[k].double() - b[k]).norm() / max(float(b[k].norm()), 1e-30)) for k in b)


def run(descent, recipe, device, folder):
    out = os.path.join(folder, device.replace(":", "_"))
    result = subprocess.run([descent, "train", recipe, "--device", device, "--out", out, "--json",
                             "--quiet"], capture_output=True, text=True)
    if result.returncode:
        raise SystemExit(f"descent failed: {result.stderr}\n{open(recipe).read()}")
    with open(os.path.join(out, "history.csv")) as file:
        losses = [float(row["train_loss"]) for row in csv.DictReader(file)]
    return json.loads(result.stdout), load_file(os.path.join(out, "model.safetensors")), losses


def case(descent, rng, folder, seed):
    rows, features = int(rng.integers(3, 60)), int(rng.integers(1, 7))
    loss_recipe, loss, kind = draw_loss(rng)
    outputs = int(rng.integers(2, 5)) if kind == "classes" else int(rng.integers(1, 3))
    layers, model = draw_layers(rng, features, outputs)
    x = rng.normal(size=(rows, features))
    if kind == "numbers":
        y = rng.normal(size=(rows, outputs))
    elif kind == "binary":
        y = rng.integers(0, 2, size=(rows, outputs)).astype(float)
        y[:2] = [[0.0] * outputs, [1.0] * outputs]
    else:
        y = rng.integers(0, outputs, size=rows)
        y[:outputs] = np.arange(outputs)
        if rows < outputs:
            return None
    np.save(os.path.join(folder, "x.npy"), x)
    np.save(os.path.join(folder, "y.npy"), y)
    batch, epochs = int(rng.integers(1, rows + 1)), 0
    epochs = max(1, 300 // math.ceil(rows / batch))
    total = epochs * math.ceil(rows / batch)
    optimizer_recipe, rate, make_optimizer = draw_optimizer(rng)
    schedule_recipe, make_schedule = draw_schedule(rng, total, rate)
    clip = float(rng.choice([0, 0.5, 2.0]))
    generator = torch.Generator().manual_seed(seed)
    model = model.double()
    start = {k: torch.randn(v.shape, generator=generator).float() * 0.5
             for k, v in model.state_dict().items()}
    save_file(start, os.path.join(folder, "start.safetensors"))
    recipe = {"data": {"train": {"features": "x.npy", "target": "y.npy"}}, "model": layers,
              "loss": loss_recipe, "optimizer": optimizer_recipe, "batch": batch,
              "epochs": epochs, "shuffle": False, "init": {"file": "start.safetensors"}}
    if schedule_recipe:
        recipe["schedule"] = schedule_recipe
    if clip:
        recipe["clip"] = clip
    path = os.path.join(folder, "recipe.yaml")
    with open(path, "w") as file:
        yaml.safe_dump(recipe, file, sort_keys=False)

    tx, ty = torch.from_numpy(x), torch.from_numpy(y)
    arguments = (tx, ty, loss, make_optimizer, make_schedule, batch, epochs, clip)
    exact, exact_history = train(model, torch.float64, start, *arguments)
    nudged = {k: v.double() * (1 + 2 ** -52) for k, v in start.items()}
    sensitive = distance(train(model, torch.float64, nudged, *arguments)[0], exact)
    twin, _ = train(model, torch.float32, start, *arguments)
    twin_distance = distance(twin, exact)

    json_exact, _, exact_losses = run(descent, path, "reference", folder)
    _, tensors, losses = run(descent, path, "auto", folder)
    device = distance(tensors, exact)
    history = max(abs(a - b) / max(abs(b), 1e-6) for a, b in zip(losses, exact_history))
    parameters = {k: torch.tensor(v, dtype=torch.float64).reshape(exact[k].shape)
                  for k, v in json_exact.get("parameters", {}).items()}
    reference = distance(parameters, exact) if len(parameters) == len(exact) else math.nan
    reference_history = max(abs(a - b) / max(abs(b), 1e-6)
                            for a, b in zip(exact_losses, exact_history))
    steady = twin_distance < 1e-5
    wrong = []
    if steady and not (device < 1e-4 and history < 1e-4):
        wrong.append("device")
    if sensitive < 1e-13 and not (math.isnan(reference) or reference < 1e-12):
        wrong.append("reference")
    if sensitive < 1e-13 and not reference_history < 1e-10:
        wrong.append("reference history")
    print(f"{seed:5d} {next(iter(optimizer_recipe)):8s} {str(loss_recipe):28.28s} "
          f"device {device:.1e} history {history:.1e} twin {twin_distance:.1e} "
          f"reference {reference:.1e} {reference_history:.1e} sensitive {sensitive:.1e} "
          f"{'WRONG: ' + ', '.join(wrong) if wrong else 'right'}")
    if wrong:
        print(open(path).read())
    return not wrong


def main():
    descent = sys.argv[1]
    cases = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    first = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    torch.set_num_threads(1)
    results = []
    for seed in range(first, first + cases):
        with tempfile.TemporaryDirectory() as folder:
            results.append(case(descent, np.random.default_rng(seed), folder, seed))
    judged = [r for r in results if r is not None]
    print(f"{sum(judged)} of {len(judged)} agree")
    sys.exit(0 if judged and all(judged) else 1)


if __name__ == "__main__":
    main()
