"""Writes one bundle: both model files, manifest.json, the model card, and the golden vectors that tie C# to Python."""
import hashlib
import json
import os
import re
import shutil

import numpy as np
import onnx
import torch

import nets
import onnxwrite
import ort
import transforms

PERCENTILES = (100, 99.99, 99.9)  # of each activation, kept by the quantizer's range
PART = ".part"
VARIANTS = {"fp32": "model.onnx", "int8": "model.int8.onnx"}


def begin(out, name, version):
    """An empty folder to write a bundle in; the shipped one stays whole until `finish`."""
    folder = os.path.join(out, name, version + PART)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    return folder


def finish(folder):
    """Puts the finished bundle in the place of the former; returns its folder."""
    final = folder[:-len(PART)]
    shutil.rmtree(final, ignore_errors=True)
    os.rename(folder, final)
    return final


class Models:
    """Both variants of one trained network, open in ONNX Runtime."""

    def __init__(self, runtime, net, calibration, folder):
        self.folder = folder
        self.layers = nets.plain_layers(net)
        with torch.no_grad():
            self.width_out = net(torch.from_numpy(calibration[:1])).shape[1]
        width_in = calibration.shape[1]
        onnx.save(onnxwrite.build_fp32(self.layers, (width_in,), self.width_out), self.path("fp32"))
        self.percentile = self.quantize(runtime, net, calibration[:: max(1, len(calibration) // 6000)])
        self.optimized = os.path.join(folder, "optimized.onnx")
        self.sessions = {
            "fp32": ort.Session(runtime, self.path("fp32")),
            "int8": ort.Session(runtime, self.path("int8"), optimized_path=self.optimized)}
        self.operators = [n.op_type for n in onnx.load(self.optimized).graph.node]
        os.remove(self.optimized)
        check_folded(self.operators)

    def quantize(self, runtime, net, x):
        """Writes the int8 model with the activation ranges that keep closest to fp32 on `x`; their percentile."""
        wanted, tried = ort.Session(runtime, self.path("fp32")).score(x, self.width_out), []
        for percentile in PERCENTILES:
            ranges = nets.activation_ranges(net, torch.from_numpy(x), percentile)
            model = onnxwrite.build_int8(self.layers, (x.shape[1],), self.width_out, ranges)
            onnx.save(model, self.path("int8"))
            got = ort.Session(runtime, self.path("int8")).score(x, self.width_out)
            tried.append((float(((got - wanted) ** 2).mean()), percentile, model))
        _, percentile, model = min(tried, key=lambda t: t[0])
        onnx.save(model, self.path("int8"))
        return percentile

    def path(self, variant):
        return os.path.join(self.folder, VARIANTS[variant])

    def outputs(self, variant, x):
        return self.sessions[variant].score(x, self.width_out)

    def times(self, x):
        """Median microseconds of fp32 and int8, one row a call, taken in turns."""
        one = np.ascontiguousarray(x[:1])
        runs = [s.bind(one, np.empty((1, self.width_out), np.float32)) for s in self.sessions.values()]
        return {v: t * 1e6 for v, t in zip(self.sessions, ort.interleaved_medians(runs))}

    def files(self):
        entries = {}
        for variant, name in VARIANTS.items():
            with open(self.path(variant), "rb") as file:
                content = file.read()
            entries[variant] = {"path": name, "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
        return entries


def check_folded(operators):
    """One quantize at the input and none after it: else a layer stayed in floating point, and int8 would be slow."""
    stray = [o for o in operators[1:] if o in ("QuantizeLinear", "DequantizeLinear", "Gemm", "Conv", "Relu", "MatMul")]
    if operators[0] != "QuantizeLinear" or len(stray) > 0:
        raise SystemExit(f"the int8 graph did not fold: {operators}")


def write_manifest(folder, manifest):
    with open(os.path.join(folder, "manifest.json"), "w") as file:
        file.write(_compact(json.dumps(manifest, indent=2)) + "\n")


def _compact(text):
    """Arrays of plain numbers on one line: 64 means over 64 lines help nobody."""
    return re.sub(r"\[\s+([-+\d.eE,\s]+?)\s+\]", lambda m: "[" + re.sub(r"\s+", " ", m[1]) + "]", text)


def write_golden(path, manifest, models, windows, formula):
    """Few windows with their features and both models' outputs, for the C# side to agree with."""
    x = transforms.apply(manifest["transforms"], windows)
    entry = {"model": manifest["name"], "version": manifest["version"], "window_formula": formula,
             "windows": [{"samples": [float(f"{v:.7g}") for v in w.astype(np.float32)],
                          "features": [float(f"{v:.7g}") for v in f],
                          "fp32": [float(f"{v:.7g}") for v in a], "int8": [float(f"{v:.7g}") for v in b]}
                         for w, f, a, b in zip(windows, x, models.outputs("fp32", x), models.outputs("int8", x))]}
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(_compact(json.dumps(entry, indent=1)) + "\n")
