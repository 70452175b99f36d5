"""pump-anomaly: whether a water rig runs soundly, from 32 seconds of its eight sensors together."""
import glob
import os

import numpy as np

import bundle
import card
import fit
import nets
import ort
import series

ROWS, LEAD, LIMIT, SEED, STEPS = 32, 400, 8.0, 1, 600
# Runs that training never sees; the others of each kind teach it.
TEST = ["other/2.csv", "other/4.csv", "valve1/1.csv", "valve1/3.csv", "valve1/5.csv", "valve2/1.csv"]
NAMES = ["accelerometer1", "accelerometer2", "current", "pressure", "temperature", "thermocouple", "voltage",
         "flow"]
CONVS, DENSE = [(64, 5, 1), (96, 5, 2), (96, 3, 2)], [768, 128, 2]
SHAPE = "convolutions 64, 96, 96 over the 32 rows, then dense layers 768-128-2"


def files(data):
    """[(file, sensors (rows, 8), labelled (rows,))] of all runs with labelled faults."""
    folder = os.path.join(data, "skab")
    names = sorted(os.path.relpath(p, folder) for p in glob.glob(f"{folder}/*/*.csv"))
    return [(n, *series._skab_file(os.path.join(folder, n))) for n in names if n not in series.SKAB_TRAIN]


def windows(values, inside, hop):
    """Windows (N, 256) of 32 rows, and whether the last row of each is labelled."""
    ends = range(ROWS, len(values) + 1, hop)
    return np.stack([values[e - ROWS:e].ravel() for e in ends]), np.array([inside[e - 1] for e in ends])


def relative(values):
    """Each sensor in deviations from the run's sound start, (rows, 8): days differ more than faults do."""
    lead = values[:LEAD]
    return np.clip((values - lead.mean(axis=0)) / np.maximum(lead.std(axis=0), 1e-3), -LIMIT, LIMIT)


def gather(runs, hop):
    """(windows (N, 256) float32, classes (N,)) of what follows each run's start."""
    cut, faulty = zip(*[windows(relative(values)[LEAD - ROWS:], inside[LEAD - ROWS:], hop)
                        for _, values, inside in runs])
    return np.concatenate(cut).astype(np.float32), np.concatenate(faulty).astype(np.int64)


def f1(above, truth):
    hit = float((above & truth).sum())
    return 2 * hit / max(1.0, float(above.sum() + truth.sum()))


def make(name, data, out, golden):
    """Trains, ships and measures; returns the bundle's folder."""
    fit.seeded(SEED)
    runtime, folder = ort.Runtime(), bundle.begin(out, name, "1.0.0")
    runs = files(data)
    x, y = gather([run for run in runs if run[0] not in TEST], 1)
    net = fit.classifier(nets.row_net(ROWS, len(NAMES), CONVS, DENSE, 0.3), x, y, STEPS, tilt=0.0, noise=0.3)
    models = bundle.Models(runtime, net, x, folder)
    seen, truth = gather([run for run in runs if run[0] in TEST], 2)
    truth = truth == 1
    guess = {v: models.outputs(v, seen).argmax(axis=1) == 1 for v in bundle.VARIANTS}
    found = {v: f1(g, truth) for v, g in guess.items()}
    right = {v: float((g == truth).mean()) for v, g in guess.items()}
    print(name, found, right, len(truth), flush=True)
    times = models.times(x)
    manifest = {
        "schema": 1, "name": name, "version": "1.0.0",
        "description": "Whether a pump rig runs soundly, from the last 32 seconds of its eight sensors together",
        "task": "classification", "licence": "MIT", "files": models.files(),
        "input": {"name": "input", "type": "float32", "shape": [-1, x.shape[1]]},
        "output": {"name": "output", "type": "float32", "shape": [-1, 2]},
        "classes": ["normal", "anomaly"], "score": {"kind": "softmax_fault", "threshold": 0.5},
        "sample_rate_hz": 1, "window_samples": ROWS, "channels": NAMES, "transforms": [],
        "metrics": {"splits": [{"name": "skab", "windows": len(truth),
                                "test": TEST,
                                **{f"{v}_f1": round(f, 4) for v, f in found.items()},
                                **{f"{v}_accuracy": round(r, 4) for v, r in right.items()}}],
                    "onnxruntime": runtime.version, "int8_microseconds": round(times["int8"], 1),
                    "fp32_microseconds": round(times["fp32"], 1),
                    "int8_speedup": round(times["fp32"] / times["int8"], 2)},
    }
    bundle.write_manifest(folder, manifest)
    card.write_rows(folder, manifest, SHAPE, (
        ["test windows", "fp32, F1", "int8, F1", "fp32, right", "int8, right"],
        [[len(truth), *[f"{found[v]:.3f}" for v in bundle.VARIANTS], *[f"{right[v]:.3f}" for v in bundle.VARIANTS]]]),
        "- Training and test are different runs of one rig; training knows labelled faults of the same kinds.\n"
        "- A window counts as faulty when its last row is labelled.",
        "Recordings: Skoltech Anomaly Benchmark. Model: MIT.")
    print(name, "fp32/int8", times, models.operators, flush=True)
    return bundle.finish(folder)
