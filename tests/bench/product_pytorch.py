"""The three products of a dense layer through PyTorch: `product_pytorch.py BATCH INPUTS UNITS SECONDS`
prints the microseconds of each as a line of JSON."""
import json
import sys
import time

import torch


def microseconds(product, seconds):
    """Of one: runs get longer until one takes long enough, and that one counts."""
    times = 1
    while True:
        begin = time.perf_counter()
        for _ in range(times):
            product()
        took = time.perf_counter() - begin
        if took >= seconds:
            return took / times * 1e6
        times *= 2


def main():
    batch, inputs, units = map(int, sys.argv[1:4])
    seconds = float(sys.argv[4]) / 3
    x, w, y = torch.randn(batch, inputs), torch.randn(units, inputs), torch.randn(batch, units)
    dx, dw, out = torch.empty_like(x), torch.empty_like(w), torch.empty_like(y)
    print(json.dumps({
        "forward_us": microseconds(lambda: torch.mm(x, w.T, out=out), seconds),
        "input_us": microseconds(lambda: torch.mm(y, w, out=dx), seconds),
        "weight_us": microseconds(lambda: torch.mm(y.T, x, out=dw), seconds),
        "version": f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads"}))


if __name__ == "__main__":
    main()
