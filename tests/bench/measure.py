"""What the peers written in Python share: a peer is `peer_NAME.py WORK.json SECONDS [MODE]` and prints
one line of JSON."""
import json
import math
import sys
import time

import numpy as np

import works


def peak_memory(process="self"):
    """The peak of a process's resident memory in MiB."""
    with open(f"/proc/{process}/status") as file:
        for line in file:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return 0.0


def mean_loss(work, prediction, target):
    """The loss over all rows in double; `prediction` as the last layer gives it."""
    prediction = np.asarray(prediction, np.float64)
    if work.loss == "mse":
        return float(np.mean((prediction.reshape(target.shape) - target) ** 2))
    prediction = prediction - prediction.max(axis=1, keepdims=True)
    logs = prediction - np.log(np.exp(prediction).sum(axis=1, keepdims=True))
    return float(-np.mean(logs[np.arange(len(target)), target]))


def steady(work, train, seconds):
    """Samples per second of train(epochs), which may train some more epochs, waits for their end and
    returns their number. Runs get longer until one takes long enough; that one counts."""
    wanted = 1
    while True:
        begin = time.perf_counter()
        epochs = train(wanted)
        took = time.perf_counter() - begin
        if took >= seconds:
            return epochs * work.rows / took
        wanted = math.ceil(epochs * min(10, 1.2 * seconds / max(took, 1e-6)))


def main(version, build):
    """`build(work, features, target, mode)` returns train(epochs) and predict()."""
    work, features, target = works.read(sys.argv[1])
    seconds, mode = float(sys.argv[2]), (sys.argv[3:] + [None])[0]
    train, predict = build(work, features, target, mode)
    done = 0
    while done < work.warm_epochs:
        done += train(work.warm_epochs - done)
    loss = mean_loss(work, predict(), target)
    rate = steady(work, train, seconds)
    print(json.dumps({"samples_per_second": rate, "loss": loss, "memory_mib": peak_memory(),
                      "version": version}))
