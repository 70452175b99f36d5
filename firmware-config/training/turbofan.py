"""turbofan-wear: how much of its last 125 flights an engine has used up, from 30 flights of 14 sensors."""
import numpy as np

import bundle
import card
import fit
import nets
import ort
import transforms

ROWS, LIFE, SEED, STEPS = 30, 125, 1, 1500
# The other seven stand still in this set.
SENSORS = [2, 3, 4, 7, 8, 9, 11, 12, 13, 14, 15, 17, 20, 21]
CONVS, DENSE = [(64, 5, 1), (96, 5, 2), (96, 3, 2)], [768, 128, 1]
SHAPE = "convolutions 64, 96, 96 over the 30 flights, then dense layers 768-128-1"


def engines(path):
    """The sensors of each engine, [(flights, 14)]."""
    rows = np.loadtxt(path)
    return [rows[rows[:, 0] == unit][:, [4 + s for s in SENSORS]] for unit in np.unique(rows[:, 0])]


def training(found):
    """Windows (N, 30 * 14) that end at each flight of engines run to failure, and the wear then (N, 1)."""
    cut, wear = [], []
    for flights in found:
        for end in range(ROWS, len(flights) + 1):
            cut.append(flights[end - ROWS:end].ravel())
            wear.append(1 - min(len(flights) - end, LIFE) / LIFE)
    return np.stack(cut), np.array(wear, np.float32)[:, None]


def make(name, data, out, golden):
    """Trains, ships and measures; returns the bundle's folder."""
    fit.seeded(SEED)
    runtime, folder = ort.Runtime(), bundle.begin(out, name, "1.0.0")
    cut, wear = training(engines(f"{data}/cmapss/train_FD001.txt"))
    standard = fit.standardisation(np.stack([r for w in cut for r in w.reshape(ROWS, -1)]))
    standard = {"kind": "standardise", "mean": standard["mean"] * ROWS, "scale": standard["scale"] * ROWS}
    x = transforms.apply([standard], cut)
    net = fit.regressor(nets.row_net(ROWS, len(SENSORS), CONVS, DENSE, 0.2), x, wear, STEPS, noise=0.1)
    models = bundle.Models(runtime, net, x, folder)
    test = [flights for flights in engines(f"{data}/cmapss/test_FD001.txt")]
    left = np.minimum(np.loadtxt(f"{data}/cmapss/RUL_FD001.txt"), LIFE)
    kept = [i for i, flights in enumerate(test) if len(flights) >= ROWS]
    last = transforms.apply([standard], np.stack([test[i][-ROWS:].ravel() for i in kept]))
    error = {v: float(np.sqrt(((LIFE * (1 - models.outputs(v, last)[:, 0]) - left[kept]) ** 2).mean()))
             for v in bundle.VARIANTS}
    print(name, {v: round(e, 2) for v, e in error.items()}, "cycles RMSE", len(kept), flush=True)
    times = models.times(x)
    manifest = {
        "schema": 1, "name": name, "version": "1.0.0",
        "description": "How much of its last 125 flights a turbofan has used up, 0 to 1, from its last 30 flights",
        "task": "anomaly", "licence": "MIT", "files": models.files(),
        "input": {"name": "input", "type": "float32", "shape": [-1, x.shape[1]]},
        "output": {"name": "output", "type": "float32", "shape": [-1, 1]},
        "score": {"kind": "output", "index": 0, "threshold": 0.76},
        "sample_rate_hz": 1, "window_samples": ROWS, "channels": [f"sensor{s}" for s in SENSORS],
        "transforms": [standard],
        "metrics": {"splits": [{"name": "fd001", "windows": len(kept),
                                **{f"{v}_rmse_cycles": round(e, 2) for v, e in error.items()}}],
                    "onnxruntime": runtime.version, "int8_microseconds": round(times["int8"], 1),
                    "fp32_microseconds": round(times["fp32"], 1),
                    "int8_speedup": round(times["fp32"] / times["int8"], 2)},
    }
    bundle.write_manifest(folder, manifest)
    card.write_rows(folder, manifest, SHAPE, (
        ["test engines", "fp32, RMSE in flights", "int8, RMSE in flights"],
        [[len(kept), *[f"{error[v]:.2f}" for v in bundle.VARIANTS]]]),
        "- Remaining life is 125 · (1 − score), and counts as 125 for any engine that has more.\n"
        "- One kind of engine, one fault mode, simulated; engines with fewer than 30 flights are not judged.",
        "Recordings: NASA C-MAPSS, FD001. Model: MIT.")
    print(name, "fp32/int8", times, models.operators, flush=True)
    return bundle.finish(folder)
