"""The bearing recordings, and the two ways in which they are split by recording into training and test.

A window of a test recording never meets training: not the weights, nor the standardisation, nor the calibration.
"""
import glob
import os

import numpy as np

CLASSES = ["normal", "inner-race", "ball", "outer-race"]
KIND = {"Normal": 0, "IR": 1, "B": 2, "OR-at-6": 3}
RATE_HZ, SAMPLES = 12000, 1024
SPLITS = {
    "load": "train at 1797 rpm, test at 1772 rpm",
    "diameter": "train on fault diameters 7 and 21 (thousandths of an inch), test on 14",
}


def recordings(data):
    """[(file, rpm, class, diameter, samples)] in the order of the files' names."""
    found = []
    for path in sorted(glob.glob(os.path.join(data, "cwru", "*.npy"))):
        parts = os.path.basename(path)[:-4].split("_")
        kind = KIND[parts[1]]
        found.append((os.path.basename(path), int(parts[0]), kind, int(parts[2]) if kind else 0, np.load(path)))
    if not found:
        raise SystemExit(f"no recordings in {data}/cwru: give the folder that holds cwru/ as --data")
    return found


def split(found, name):
    """(training, test), each [(label, class, samples)]. There is one normal recording: its last third is for test."""
    train, test = [], []
    for file, rpm, kind, diameter, samples in found:
        if kind == 0:
            cut = len(samples) * 2 // 3
            train.append((f"{file} (first two thirds)", kind, samples[:cut]))
            test.append((f"{file} (last third)", kind, samples[cut:]))
        else:
            held_out = rpm == 1772 if name == "load" else diameter == 14
            (test if held_out else train).append((file, kind, samples))
    return train, test


def windows(samples, hop):
    """All whole windows (N, 1024) that start at multiples of `hop`."""
    count = (len(samples) - SAMPLES) // hop + 1
    return np.stack([samples[i * hop:i * hop + SAMPLES] for i in range(count)])


def labelled(part, hop):
    """Windows (N, 1024) and classes (N,) of a part of a split."""
    cut = [windows(samples, hop) for _, _, samples in part]
    kinds = [np.full(len(w), kind) for w, (_, kind, _) in zip(cut, part)]
    return np.concatenate(cut), np.concatenate(kinds)
