"""bearing-fault and bearing-fault-large: which part of a rolling bearing is damaged, from 85 ms of its vibration."""
import numpy as np

import bundle
import card
import cwru
import fit
import nets
import ort
import transforms

# Bands of a logarithmic spectrum of a window of unit RMS: which resonances ring and how they are modulated, but
# not the height of single lines, which change with the size of the fault and with the shaft's speed.
SPECTRUM = [
    {"kind": "detrend", "order": 0},
    {"kind": "rms_normalise", "epsilon": 1e-9},
    {"kind": "window", "function": "hann"},
    {"kind": "rfft_magnitude"},
    {"kind": "take", "count": 512},
    {"kind": "log", "epsilon": 1e-3},
    {"kind": "mean_pool", "size": 8},
]
VARIANTS = {
    "bearing-fault": dict(
        build=lambda: nets.mlp([64, 512, 448, 4], 0.3), steps=1200,
        shape="dense layers 64-512-448-4",
        description="Which part of a rolling bearing is damaged, from 1024 samples of vibration at 12 kHz; "
                    "small, for the device"),
    "bearing-fault-large": dict(
        build=lambda: nets.conv_net([(64, 5, 1), (96, 5, 2), (128, 5, 2)], [2048, 256, 4], 0.3), steps=900,
        shape="convolutions 64, 96, 128 over the 64 bands, then dense layers 2048-256-4",
        description="Which part of a rolling bearing is damaged, from 1024 samples of vibration at 12 kHz; "
                    "larger, for the hub, with the same input as bearing-fault"),
}
TRAIN_HOP, TEST_HOP, SEED = 256, cwru.SAMPLES, 1


def train(spec, part):
    """(network, all transforms, standardised training features) of one split's training part."""
    fit.seeded(SEED)
    cut, kinds = cwru.labelled(part, TRAIN_HOP)
    bands = transforms.apply(SPECTRUM, cut)
    standard = fit.standardisation(bands)
    x = transforms.apply([standard], bands)
    net = fit.classifier(spec["build"](), x, kinds, spec["steps"], tilt=0.4, noise=0.3)
    return net, SPECTRUM + [standard], x


def accuracy(models, specs, part):
    """The figures of one split's test part, for both variants."""
    cut, kinds = cwru.labelled(part, TEST_HOP)
    x = transforms.apply(specs, cut)
    guess = {v: models.outputs(v, x).argmax(axis=1) for v in bundle.VARIANTS}
    confusion = np.zeros((4, 4), int)
    np.add.at(confusion, (kinds, guess["int8"]), 1)
    recall, at = {}, 0
    for label, kind, samples in part:
        n = len(samples) // cwru.SAMPLES
        recall[label] = round(float((guess["int8"][at:at + n] == kind).mean()), 4)
        at += n
    return {
        "windows": len(kinds),
        **{f"{v}_accuracy": round(float((g == kinds).mean()), 4) for v, g in guess.items()},
        "int8_fault_or_normal_accuracy": round(float(((guess["int8"] > 0) == (kinds > 0)).mean()), 4),
        "int8_confusion": confusion.tolist(),
        "int8_accuracy_by_recording": recall,
    }


def synthetic_windows():
    """Three windows (3, 1024) of a decaying resonance struck at a fault's rate; card.BEARING_FORMULA states it."""
    t = np.arange(cwru.SAMPLES) / cwru.RATE_HZ
    made = []
    for rate, resonance in ((107.36, 2900.0), (162.19, 3500.0), (0.0, 1000.0)):
        since = np.mod(t, 1 / rate) if rate else t * 0
        ring = np.exp(-900 * since) * np.sin(2 * np.pi * resonance * (since if rate else t))
        shaft, hiss = np.sin(2 * np.pi * 29.95 * t), np.sin(977 * np.arange(len(t)) ** 2 % 6.2)
        made.append(0.4 * ring + 0.05 * shaft + 0.01 * hiss)
    return np.stack(made)


def make(name, data, out, golden):
    """Trains on both splits, ships the first one's network, and writes the bundle; returns its folder."""
    spec, found, runtime = VARIANTS[name], cwru.recordings(data), ort.Runtime()
    folder = bundle.begin(out, name, "1.0.0")
    splits, shipped = [], None
    for split_name in ("diameter", "load"):  # the shipped one last: its files stay in the folder
        part, test = cwru.split(found, split_name)
        net, specs, x = train(spec, part)
        models = bundle.Models(runtime, net, x, folder)
        figures = accuracy(models, specs, test)
        splits.insert(0, {"name": split_name, "description": cwru.SPLITS[split_name],
                          "train": [p[0] for p in part], "test": [p[0] for p in test], **figures})
        print(name, split_name, {k: v for k, v in figures.items() if k != "int8_confusion"}, flush=True)
        shipped = models, specs, x
    models, specs, x = shipped
    times = models.times(x)
    manifest = {
        "schema": 1, "name": name, "version": "1.0.0", "description": spec["description"],
        "task": "classification", "licence": "MIT", "files": models.files(),
        "input": {"name": "input", "type": "float32", "shape": [-1, x.shape[1]]},
        "output": {"name": "output", "type": "float32", "shape": [-1, 4]},
        "classes": cwru.CLASSES, "score": {"kind": "softmax_fault", "threshold": 0.5},
        "sample_rate_hz": cwru.RATE_HZ, "window_samples": cwru.SAMPLES, "transforms": specs,
        "metrics": {"shipped_split": "load", "splits": splits, "onnxruntime": runtime.version,
                    "int8_microseconds": round(times["int8"], 1), "fp32_microseconds": round(times["fp32"], 1),
                    "int8_speedup": round(times["fp32"] / times["int8"], 2)},
    }
    bundle.write_manifest(folder, manifest)
    card.write_bearing(folder, manifest, spec["shape"])
    bundle.write_golden(f"{golden}/{name}.json", manifest, models, synthetic_windows(), card.BEARING_FORMULA)
    print(name, "fp32/int8", times, models.operators, flush=True)
    return bundle.finish(folder)
