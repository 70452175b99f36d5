"""The networks, and how a trained one becomes the plain layers that onnxwrite.py writes."""
import numpy as np
import torch
from torch import nn


class Turn(nn.Module):
    """(N, A, B) to (N, B, A): rows of channels to channels in time."""

    def forward(self, x):
        return x.transpose(1, 2)


def mlp(sizes, dropout):
    """Dense layers with ReLU between; dropout after each hidden one."""
    parts = []
    for i, (a, b) in enumerate(zip(sizes, sizes[1:])):
        parts.append(nn.Linear(a, b))
        if i < len(sizes) - 2:
            parts += [nn.ReLU(), nn.Dropout(dropout)]
    return nn.Sequential(*parts)


def conv_block(width_in, width_out, kernel, stride):
    return [nn.Conv1d(width_in, width_out, kernel, stride, kernel // 2, bias=False),
            nn.BatchNorm1d(width_out), nn.ReLU()]


def conv_net(convs, sizes, dropout):
    """(N, W) seen as one channel in time; convs is [(out, kernel, stride)], sizes the dense layers after it."""
    return nn.Sequential(*conv_rows(1, convs), nn.Flatten(), nn.Dropout(dropout), *mlp(sizes, dropout))


def row_net(rows, channels, convs, sizes, dropout):
    """(N, rows * channels), row after row, seen as channels in time; then as `conv_net`."""
    return nn.Sequential(nn.Unflatten(1, (rows, channels)), Turn(), *conv_rows(channels, convs)[1:], nn.Flatten(),
                         nn.Dropout(dropout), *mlp(sizes, dropout))


def conv_rows(width, convs):
    """A view as one channel in time, and convolutions [(out, kernel, stride)] from `width` channels."""
    parts = [nn.Unflatten(1, (1, -1))]
    for out, kernel, stride in convs:
        parts += conv_block(width, out, kernel, stride)
        width = out
    return parts


def plain_layers(net):
    """Layers for onnxwrite.py: batch normalisation folded into the convolution before it, dropout gone."""
    layers = []
    for part in net.eval():
        if isinstance(part, nn.Linear):
            layers.append({"op": "gemm", "w": _array(part.weight).T.copy(), "b": _array(part.bias), "relu": False})
        elif isinstance(part, nn.Conv1d):
            layers.append({"op": "conv", "w": _array(part.weight), "b": np.zeros(part.out_channels, np.float32),
                           "relu": False, "stride": part.stride[0], "pad": part.padding[0]})
        elif isinstance(part, nn.BatchNorm1d):
            gain = _array(part.weight) / np.sqrt(_array(part.running_var) + part.eps)
            layers[-1]["w"] = layers[-1]["w"] * gain[:, None, None]
            layers[-1]["b"] = _array(part.bias) - _array(part.running_mean) * gain
        elif isinstance(part, nn.ReLU):
            layers[-1]["relu"] = True
        elif isinstance(part, nn.Unflatten):
            layers.append({"op": "reshape", "shape": (0, *part.unflattened_size)})
        elif isinstance(part, Turn):
            layers.append({"op": "turn"})
        elif isinstance(part, nn.Flatten):
            layers.append({"op": "reshape", "shape": (0, -1)})
        elif not isinstance(part, nn.Dropout):
            raise ValueError(f"{part} has no plain form")
    return layers


def activation_ranges(net, x, percentile):
    """(low, high) of the input and of each plain layer's result over `x` (N, W), less the rarest at each end."""
    def limits(values):
        low, high = np.percentile(values.numpy(), [100 - percentile, percentile])
        return float(low), float(high)

    ranges, y = [limits(x)], x
    with torch.no_grad():
        for part in net.eval():
            y = part(y)
            if isinstance(part, (nn.Linear, nn.Conv1d, nn.Unflatten, nn.Flatten, Turn)):
                ranges.append(limits(y))
            elif isinstance(part, (nn.BatchNorm1d, nn.ReLU)):
                ranges[-1] = limits(y)
    return ranges


def _array(tensor):
    return tensor.detach().numpy().astype(np.float32)
