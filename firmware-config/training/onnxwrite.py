"""Writes the two model files: fp32, and int8 as quantize/dequantize pairs around each layer.

A model here is a list of layers in order, each a dict with "op":
  gemm      w (in, out), b (out,), relu        conv  w (out, in, k), b (out,), relu, stride, pad
  reshape   shape (0 keeps, -1 is the rest)     mean  (over time, keeps channels)
  turn      (N, A, B) to (N, B, A)
Batch normalisation is folded into w and b before it comes here. Input "input", output "output", batch "N".
"""
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 13
# A processor with AVX2 but no VNNI adds two u8*s8 products in 16 bits and saturates; weights of 7 bits cannot
# overflow there (2 * 255 * 64 < 32768), so that every board gives the same verdict.
WEIGHT_LIMIT = 64


class Graph:
    """Nodes and constants under construction."""

    def __init__(self):
        self.nodes, self.constants = [], []

    def constant(self, name, value):
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def add(self, op, inputs, output, **attributes):
        self.nodes.append(helper.make_node(op, inputs, [output], name=output + "/" + op, **attributes))
        return output


def _float_layer(g, i, layer, x, w, b, out):
    """The layer's own node in floating point, reading names x, w, b."""
    op = layer["op"]
    if op == "gemm":
        return g.add("Gemm", [x, w, b], out)
    if op == "conv":
        p = layer["pad"]
        return g.add("Conv", [x, w, b], out, kernel_shape=[layer["w"].shape[2]],
                     strides=[layer["stride"]], pads=[p, p])
    if op == "reshape":
        shape = g.constant(f"l{i}.shape", np.array(layer["shape"], np.int64))
        return g.add("Reshape", [x, shape], out)
    if op == "mean":
        return g.add("GlobalAveragePool", [x], out)
    if op == "turn":
        return g.add("Transpose", [x], out, perm=[0, 2, 1])
    raise ValueError(f"layer {i}: unknown op {op}")


def build_fp32(layers, in_shape, out_width):
    """The fp32 model."""
    g, x = Graph(), "input"
    for i, layer in enumerate(layers):
        w = b = None
        if "w" in layer:
            w, b = g.constant(f"l{i}.w", layer["w"]), g.constant(f"l{i}.b", layer["b"])
        last = i == len(layers) - 1
        relu = layer.get("relu", False)
        x = _float_layer(g, i, layer, x, w, b, "output" if last and not relu else f"l{i}.y")
        if relu:
            x = g.add("Relu", [x], "output" if last else f"l{i}.a")
    return _model(g, in_shape, out_width)


def quantize_weight(w, axis):
    """Per-channel symmetric int8: integers, and one scale for each slice along `axis`."""
    rest = tuple(a for a in range(w.ndim) if a != axis)
    scale = np.maximum(np.abs(w).max(axis=rest), 1e-8).astype(np.float32) / WEIGHT_LIMIT
    shape = [-1 if a == axis else 1 for a in range(w.ndim)]
    q = np.clip(np.rint(w / scale.reshape(shape)), -WEIGHT_LIMIT, WEIGHT_LIMIT).astype(np.int8)
    return q, scale


def activation_range(low, high):
    """Scale and zero point of uint8. A range from 0 (after ReLU) gets zero point 0, into which the ReLU folds."""
    low, high = min(low, 0.0), max(high, 0.0, 1e-6)
    scale = np.float32((high - low) / 255)
    return scale, np.uint8(np.clip(np.rint(-low / scale), 0, 255))


def build_int8(layers, in_shape, out_width, ranges):
    """The int8 model. `ranges` holds (low, high) of the input and then of every layer's result."""
    g = Graph()

    def quantized(x, name, limits):
        scale, zero = activation_range(*limits)
        s, z = g.constant(f"{name}.s", scale), g.constant(f"{name}.z", zero)
        return g.add("DequantizeLinear", [g.add("QuantizeLinear", [x, s, z], f"{name}.q"), s, z], f"{name}.dq"), scale

    x, x_scale = quantized("input", "in", ranges[0])
    for i, layer in enumerate(layers):
        last, w, b = i == len(layers) - 1, None, None
        if "w" in layer:
            axis = 1 if layer["op"] == "gemm" else 0
            q, scale = quantize_weight(layer["w"], axis)
            ws, wz = g.constant(f"l{i}.ws", scale), g.constant(f"l{i}.wz", np.zeros(len(scale), np.int8))
            w = g.add("DequantizeLinear", [g.constant(f"l{i}.wq", q), ws, wz], f"l{i}.w", axis=axis)
            bs = x_scale * scale
            bq = np.clip(np.rint(layer["b"] / bs), -2**31 + 1, 2**31 - 1).astype(np.int32)
            b = g.add("DequantizeLinear", [g.constant(f"l{i}.bq", bq), g.constant(f"l{i}.bs", bs),
                                           g.constant(f"l{i}.bz", np.zeros(len(bs), np.int32))], f"l{i}.b", axis=0)
        x = _float_layer(g, i, layer, x, w, b, "output" if last else f"l{i}.y")
        if layer.get("relu", False):
            x = g.add("Relu", [x], f"l{i}.a")
        if not last:
            # Reshape and turn keep the scale of what they read, or ONNX Runtime leaves them in floating point.
            limits = ranges[i] if layer["op"] in ("reshape", "turn") else ranges[i + 1]
            x, x_scale = quantized(x, f"l{i}", limits)
    return _model(g, in_shape, out_width)


def _model(g, in_shape, out_width):
    inputs = [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["N", *in_shape])]
    outputs = [helper.make_tensor_value_info("output", TensorProto.FLOAT, ["N", out_width])]
    graph = helper.make_graph(g.nodes, "lepton", inputs, outputs, g.constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="LeptonEdge")
    model.ir_version = 8
    onnx.checker.check_model(model)
    return model
