"""Slow sensor and server series, as ratios between 0 and about 1, with their labelled anomalies; split by series."""
import csv
import glob
import json
import os
from datetime import datetime

import numpy as np

# What one unit of the ratio is: percent for loads and occupancy, and plain round numbers for the rest.
NAB_TRAIN = {
    "artificialNoAnomaly/art_daily_small_noise.csv": 100, "realAWSCloudwatch/ec2_cpu_utilization_5f5533.csv": 100,
    "realKnownCause/cpu_utilization_asg_misconfiguration.csv": 100,
    "realKnownCause/machine_temperature_system_failure.csv": 100, "realTraffic/occupancy_6005.csv": 100,
    "realTraffic/TravelTime_387.csv": 1000,
}
NAB_TEST = {
    "realAWSCloudwatch/ec2_cpu_utilization_ac20cd.csv": 100,
    "realKnownCause/ambient_temperature_system_failure.csv": 100,
    "realTraffic/speed_6005.csv": 100, "realTraffic/TravelTime_451.csv": 1000,
}
SKAB_TRAIN = ["anomaly-free/anomaly-free.csv"]
SKAB_SENSORS = 8
SKAB_LEFT_OUT = 3  # pressure jumps between two values about zero: no ratio


def nab(data, part):
    """[(file, ratio (N,), labelled (N,) bool, [(first, last) of each labelled window])]."""
    with open(os.path.join(data, "nab", "windows.json")) as file:
        labels = json.load(file)
    found = []
    for name, unit in part.items():
        with open(os.path.join(data, "nab", name)) as file:
            rows = list(csv.DictReader(file))
        times = [datetime.fromisoformat(row["timestamp"]) for row in rows]
        inside, spans = np.zeros(len(rows), bool), []
        for first, last in labels[name]:
            first, last = datetime.fromisoformat(first), datetime.fromisoformat(last)
            hit = np.flatnonzero([first <= t <= last for t in times])
            inside[hit] = True
            spans.append((int(hit[0]), int(hit[-1])))
        found.append((f"nab/{name}", np.array([float(row["value"]) for row in rows]) / unit, inside, spans))
    return found


def skab(data, part=None):
    """Each sensor of each file as one series like those of `nab`, over the highest value of anomaly-free operation."""
    folder = os.path.join(data, "skab")
    free, _ = _skab_file(os.path.join(folder, SKAB_TRAIN[0]))
    top = np.maximum(np.percentile(np.abs(free), 99, axis=0), 1e-6)
    names = part or sorted(os.path.relpath(p, folder) for p in glob.glob(f"{folder}/*/*.csv"))
    found = []
    for name in names if part else [n for n in names if n not in SKAB_TRAIN]:
        values, inside = _skab_file(os.path.join(folder, name))
        spans = [(int(run[0]), int(run[-1])) for run in _runs(inside)]
        found += [(f"skab/{name} sensor {i + 1}", values[:, i] / top[i], inside, spans)
                  for i in range(SKAB_SENSORS) if i != SKAB_LEFT_OUT]
    return found


def _skab_file(path):
    with open(path) as file:
        rows = list(csv.reader(file, delimiter=";"))
    values = np.array([[float(v) for v in row[1:1 + SKAB_SENSORS]] for row in rows[1:]])
    inside = np.array([float(row[-2]) > 0 for row in rows[1:]]) if "anomaly" in rows[0] else np.zeros(len(values), bool)
    return values, inside


def _runs(inside):
    where = np.flatnonzero(inside)
    return [r for r in np.split(where, np.flatnonzero(np.diff(where) > 1) + 1) if len(r)]


def windows(values, inside, size, hop=1):
    """(windows (N, size), whether any value of each is labelled (N,)), every `hop` samples."""
    cut = np.lib.stride_tricks.sliding_window_view(values, size)[::hop]
    touched = np.lib.stride_tricks.sliding_window_view(inside, size)[::hop].any(axis=1)
    return cut, touched
