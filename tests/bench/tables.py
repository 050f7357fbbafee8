"""Measurements as tables in Markdown."""
from statistics import median


def table(head, rows):
    rows = [head] + [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |"
             for row in rows]
    lines.insert(1, "| " + " | ".join("-" * width for width in widths) + " |")
    return "\n".join(lines)


def number(value):
    """Three digits or all of a whole number."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def machine(about):
    return "\n".join(f"{name}: {value}" for name, value in about.items()) + "\n"


def good(measurements, key):
    return [m[key] for m in measurements if key in m]


def failures(found):
    return "".join(f"\n{name} failed: {m['failed']}" for name, measurements in found.items()
                   for m in measurements if "failed" in m)


def trainers(work, found):
    """Samples per second; the ratio is descent's median over the peer's, above 1 where descent is
    the faster."""
    own = good(found.get("descent", []), "samples_per_second")
    rows = []
    for name, measurements in found.items():
        rates = good(measurements, "samples_per_second")
        if not rates:
            continue
        middle = median(rates)
        rows.append([name, number(middle), f"{number(min(rates))} .. {number(max(rates))}",
                     number(work.batch / middle * 1e6),
                     number(median(own) / middle) if own else "",
                     number(median(good(measurements, "loss"))),
                     number(median(good(measurements, "memory_mib")))])
    head = ["", "samples/s", "min .. max", "us/update", "descent/peer", "loss", "peak MiB"]
    return f"## {work}\n\n{table(head, rows)}\n{failures(found)}"


PRODUCTS = ("forward", "input", "weight")


def products(size, found):
    """GFLOP/s, the median; the ratio is descent's over that of the best of the others."""
    work = 2e-3 * size[0] * size[1] * size[2]  # thousands of operations, for microseconds
    rows, best = [], {}
    for name, measurements in found.items():
        row = [name]
        for product in PRODUCTS:
            rates = [work / time for time in good(measurements, product + "_us") if time > 0]
            middle = median(rates) if rates else 0
            row += [number(middle), f"{number(min(rates))} .. {number(max(rates))}"] if rates else \
                ["", ""]
            if name != "descent":
                best[product] = max(best.get(product, 0), middle)
            else:
                best["own " + product] = middle
        rows.append(row)
    ratios = ", ".join(f"{product} {best['own ' + product] / best[product]:.2f}"
                       for product in PRODUCTS if best.get(product) and "own " + product in best)
    head = ["GFLOP/s", "x W^T", "min .. max", "dy W", "min .. max", "dy^T x", "min .. max"]
    return (f"## W5: batch {size[0]}, {size[1]} -> {size[2]}\n\n{table(head, rows)}\n\n"
            f"descent/best peer: {ratios}\n{failures(found)}")


def versions(results):
    said = {m["version"] for found in results.values() for measurements in found.values()
            for m in measurements if "version" in m}
    return "\n".join(sorted(said))
