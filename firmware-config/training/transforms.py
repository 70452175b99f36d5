"""The transforms of LeptonEdge.Core.Signals in NumPy: what README.md here defines, in the same order of steps.

`apply(specs, windows)` takes windows of shape (N, samples) and gives model inputs of shape (N, width), float32.
"""
import numpy as np


def _detrend(x, spec, state):
    x = x - x.mean(axis=1, keepdims=True)
    if spec.get("order", 0) == 1:
        t = np.arange(x.shape[1]) - (x.shape[1] - 1) / 2
        x = x - (x @ t / (t @ t))[:, None] * t
    return x


def _rms_normalise(x, spec, state):
    return x / (np.sqrt((x * x).mean(axis=1, keepdims=True)) + spec.get("epsilon", 1e-9))


def _robust_normalise(x, spec, state):
    x = x - np.median(x, axis=1, keepdims=True)
    spread = 1.4826 * np.median(np.abs(x), axis=1, keepdims=True)
    return np.clip(x / (spread + spec["epsilon"]), -spec["limit"], spec["limit"])


def _window(x, spec, state):
    n = x.shape[1]
    w = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n) / n)
    state["gain"] *= w.mean()
    return x * w


def _rfft_magnitude(x, spec, state):
    magnitude = np.abs(np.fft.rfft(x)) * 2 / (x.shape[1] * state["gain"])
    magnitude[:, [0, -1]] *= 0.5
    state["gain"] = 1.0
    return magnitude


def _mean_pool(x, spec, state):
    return x.reshape(len(x), -1, spec["size"]).mean(axis=2)


KINDS = {
    "detrend": _detrend,
    "rms_normalise": _rms_normalise,
    "robust_normalise": _robust_normalise,
    "window": _window,
    "rfft_magnitude": _rfft_magnitude,
    "take": lambda x, spec, state: x[:, spec.get("start", 0):spec.get("start", 0) + spec["count"]],
    "log": lambda x, spec, state: np.log(x + spec["epsilon"]),
    "mean_pool": _mean_pool,
    "standardise": lambda x, spec, state: (x - np.array(spec["mean"])) / np.array(spec["scale"]),
}


def apply(specs, windows):
    """Model inputs (N, width), float32, of windows (N, samples)."""
    x, state = np.asarray(windows, np.float64), {"gain": 1.0}
    for spec in specs:
        x = KINDS[spec["kind"]](x, spec, state)
    return np.ascontiguousarray(x, np.float32)
