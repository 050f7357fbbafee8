"""descent. `peer_descent.py WORK.json SECONDS PROGRAM`: its own clock over a long run less that over a
short one, so that what a run begins with does not count."""
import json
import math
import os
import subprocess
import sys
import time

import measure
import works

RECIPE = """data: {{train: {{features: X.npy, target: y.npy}}}}
model: [{model}]
loss: {loss}
optimizer: {optimizer}
batch: {batch}
init: {{file: start.safetensors}}
epochs: {epochs}
seed: {seed}
"""


def write_parameters(work, path):
    """The initial parameters as safetensors: a header of JSON behind its length, then the numbers."""
    header, data = {}, b""
    for i, tensors in enumerate(works.initial_parameters(work)):
        for name, values in zip(("weight", "bias"), tensors):
            header[f"{2 * i}.{name}"] = {"dtype": "F32", "shape": values.shape, "data_offsets": [
                len(data), len(data) + values.nbytes]}
            data += values.tobytes()
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text + data)


def write_recipe(work, folder):
    write_parameters(work, os.path.join(folder, "start.safetensors"))
    model = []
    for units in work.layers[1:]:
        model += [f"{{dense: {units}}}", work.activation]
    model[-1:] = [work.output] if work.output != "identity" else []
    kind = "adam" if work.optimizer == "adam" else "sgd"
    momentum = ", momentum: 0.9" if work.optimizer == "momentum" else ""
    path = os.path.join(folder, "work.yaml")
    with open(path, "w") as file:
        file.write(RECIPE.format(model=", ".join(model), loss=work.loss, batch=work.batch,
                                 optimizer=f"{{{kind}: {{rate: {work.rate}{momentum}}}}}",
                                 epochs=10 ** 8, seed=work.seed))
    return path


def run(program, recipe, updates):
    """The result of a run, and the peak of its memory, looked at while it runs."""
    command = [program, "train", recipe, "--json", "--set", f"stop.updates={updates}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          cwd=os.path.dirname(recipe)) as process:
        memory = 0.0
        while process.poll() is None:
            try:
                memory = max(memory, measure.peak_memory(process.pid))
            except OSError:
                pass
            time.sleep(0.02)
        out, error = process.communicate()
    if process.returncode != 0:
        sys.exit(f"descent: {error.strip() or out.strip()}")
    return json.loads(out), memory


def main():
    work, _, _ = works.read(sys.argv[1])
    seconds, program = float(sys.argv[2]), os.path.abspath(sys.argv[3])
    recipe = write_recipe(work, os.path.dirname(os.path.abspath(sys.argv[1])))
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    updates = work.warm_epochs * work.rows // work.batch
    run(program, recipe, updates)  # which may have kernels to build
    warm, _ = run(program, recipe, updates)
    long = warm
    while long["seconds"] < seconds:
        updates = math.ceil(updates * min(10, 1.2 * seconds / max(long["seconds"], 1e-6)))
        long, _ = run(program, recipe, updates)
    fewer = max(updates // 5, 1)
    short, memory = run(program, recipe, fewer)
    rate = (updates - fewer) * work.batch / (long["seconds"] - short["seconds"])
    print(json.dumps({"samples_per_second": rate, "loss": warm["train"]["loss"],
                      "memory_mib": memory,
                      "version": f"{version.stdout.strip()} on {warm['device']}"}))


if __name__ == "__main__":
    main()
