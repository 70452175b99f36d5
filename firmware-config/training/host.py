"""host-anomaly: how unlike ordinary behaviour the last 32 readings of one channel are, whatever machine it is."""
import numpy as np
import torch

import bundle
import card
import fit
import nets
import ort
import series
import transforms

SIZE, SEED, STEPS, HOP = 32, 1, 1500, 2
# In deviations of the window itself, with medians: a spike does not raise the yardstick that it is measured by.
SCALING = [{"kind": "robust_normalise", "epsilon": 0.02, "limit": 8.0}]
QUANTILE = 98.0
CONVS, DENSE = [(48, 5, 1), (96, 5, 2), (64, 5, 2)], [512, 16, 128, SIZE]
SHAPE = "convolutions 48, 96, 64 over the 32 readings, 16 values in the middle, then back to 32"
INJECTED = {"spike": ("one reading 40 points up", 0.4, 1), "burst": ("three readings 40 points up", 0.4, 3),
            "step": ("the last eight readings 40 points up", 0.4, 8)}


def build():
    """The autoencoder: squeezed to DENSE[1] values in the middle, where nothing bends them."""
    return torch.nn.Sequential(*nets.conv_net(CONVS, DENSE[:2], 0), *nets.mlp(DENSE[1:], 0))


def score(x, y):
    """Root mean square of what the model did not give back, (N,)."""
    return np.sqrt(((x - y) ** 2).mean(axis=1))


def inject(windows, height, length):
    """The windows with a rise of `height`; a rise shorter than 8 starts in a random place of the last half."""
    rng, changed = np.random.default_rng(SEED), windows.copy()
    last = SIZE - length
    starts = np.full(len(windows), last) if length >= 8 else rng.integers(SIZE // 2, last + 1, len(windows))
    for row, start in zip(changed, starts):
        row[start:start + length] += height
    return changed


class Judge:
    """Scores windows with one variant, against its own threshold."""

    def __init__(self, models, variant, threshold):
        self.models, self.variant, self.threshold = models, variant, threshold

    def scores(self, cut):
        x = transforms.apply(SCALING, cut)
        return score(x, self.models.outputs(self.variant, x))

    def above(self, cut):
        return self.scores(cut) > self.threshold


def figures(judge, found, hop):
    """False alarms, labelled anomalies found, and injected ones found, over series that training never saw."""
    v = judge.variant
    quiet, total, hits, spans, normal = 0, 0, 0, 0, []
    for _, values, inside, marked in found:
        cut, touched = series.windows(values, inside, SIZE, hop)
        above = judge.above(cut)
        quiet, total = quiet + int(above[~touched].sum()), total + int((~touched).sum())
        ends = np.arange(len(cut)) * hop + SIZE - 1
        for first, last in marked:
            hits += bool(above[(ends >= first) & (ends - SIZE + 1 <= last)].any())
        spans += len(marked)
        normal.append(cut[~touched][::8])
    normal = np.concatenate(normal)
    rate = quiet / total
    found_injected = {name: float(judge.above(inject(normal, height, length)).mean())
                      for name, (_, height, length) in INJECTED.items()}
    right = ((1 - rate) + np.mean(list(found_injected.values()))) / 2
    return {"windows": total, f"{v}_false_alarm_rate": round(rate, 4), f"{v}_labelled_found": hits, "labelled": spans,
            **{f"{v}_{name}_found": round(share, 4) for name, share in found_injected.items()},
            f"{v}_accuracy": round(float(right), 4)}


def make(name, data, out, golden):
    """Trains, ships and measures; returns the bundle's folder."""
    fit.seeded(SEED)
    runtime, folder = ort.Runtime(), bundle.begin(out, name, "1.0.0")
    training = series.nab(data, series.NAB_TRAIN) + series.skab(data, series.SKAB_TRAIN)
    cuts = [series.windows(values, inside, SIZE, HOP) for _, values, inside, _ in training]
    x = transforms.apply(SCALING, np.concatenate([cut[~touched] for cut, touched in cuts]))
    net = fit.restorer(build(), x, STEPS, SCALING[0]["limit"])
    models = bundle.Models(runtime, net, x, folder)
    sample = x[::5]
    thresholds = {v: round(float(np.percentile(score(sample, models.outputs(v, sample)), QUANTILE)), 4)
                  for v in bundle.VARIANTS}
    judges = [Judge(models, v, thresholds["int8"]) for v in bundle.VARIANTS]
    splits = []
    for split, found, hop in (("nab", series.nab(data, series.NAB_TEST), 1), ("skab", series.skab(data), 4)):
        entry = {"name": split, "train": [s[0] for s in training],
                 "test": sorted({s[0].split(" sensor")[0] for s in found})}
        for judge in judges:
            entry.update(figures(judge, found, hop))
        splits.append(entry)
        print(name, {k: v for k, v in entry.items() if k not in ("train", "test")}, flush=True)
    times = models.times(x)
    manifest = {
        "schema": 1, "name": name, "version": "1.0.0",
        "description": "How unlike ordinary behaviour the last 32 readings of one channel are, for loads and other "
                       "ratios between 0 and 1; small, for the device",
        "task": "anomaly", "licence": "MIT", "files": models.files(),
        "input": {"name": "input", "type": "float32", "shape": [-1, SIZE]},
        "output": {"name": "output", "type": "float32", "shape": [-1, SIZE]},
        "score": {"kind": "reconstruction_error", "threshold": thresholds["int8"]},
        "sample_rate_hz": 1, "window_samples": SIZE, "transforms": SCALING,
        "metrics": {"threshold_quantile": QUANTILE, "splits": splits, "onnxruntime": runtime.version,
                    "int8_microseconds": round(times["int8"], 1), "fp32_microseconds": round(times["fp32"], 1),
                    "int8_speedup": round(times["fp32"] / times["int8"], 2)},
    }
    bundle.write_manifest(folder, manifest)
    card.write_host(folder, manifest, SHAPE, {k: v[0] for k, v in INJECTED.items()})
    n = np.arange(SIZE)
    wave = 0.3 + 0.05 * np.sin(0.7 * n)
    bundle.write_golden(f"{golden}/{name}.json", manifest, models, np.stack(
        [wave, wave + 0.5 * (n == 20), wave + 0.4 * (n >= 24), np.full(SIZE, 0.25)]), card.HOST_FORMULA)
    print(name, "fp32/int8", times, models.operators, flush=True)
    return bundle.finish(folder)
