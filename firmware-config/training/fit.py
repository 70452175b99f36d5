"""Seeded training loops: short, on one thread, the same weights on every run."""
import numpy as np
import torch
from torch import nn
from torch.nn import functional


def seeded(seed):
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)


def random_tilt(rows, width, strength):
    """Smooth random curves (rows, width): on a logarithmic spectrum, another path from the fault to the sensor."""
    knots = strength * torch.randn(rows, 1, 9)
    return functional.interpolate(knots, size=width, mode="linear", align_corners=True)[:, 0]


def _optimise(net, loss_of, steps, rate):
    optimiser = torch.optim.AdamW(net.parameters(), rate, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=steps)
    net.train()
    for _ in range(steps):
        optimiser.zero_grad()
        loss_of().backward()
        optimiser.step()
        schedule.step()
    return net.eval()


def classifier(net, x, y, steps, tilt, noise, rate=3e-3, batch=128):
    """Trains on standardised features x (N, W) with classes y (N,); classes weigh alike whatever their count."""
    x, y = torch.from_numpy(x), torch.from_numpy(y)
    weights = 1 / torch.bincount(y).float()
    loss = nn.CrossEntropyLoss(weight=weights / weights.mean(), label_smoothing=0.05)

    def step():
        pick = torch.randint(len(x), (batch,))
        seen = x[pick] + noise * torch.randn(batch, x.shape[1]) + random_tilt(batch, x.shape[1], tilt)
        return loss(net(seen), y[pick])
    return _optimise(net, step, steps, rate)


def disturbances(rows, width, limit):
    """Spikes, bursts and steps (rows, width) of 2 to `limit` up or down; every other row has none."""
    at = torch.arange(width)
    length = torch.where(
        torch.rand(rows, 1) < 0.5, torch.randint(1, 4, (rows, 1)), torch.randint(1, width // 2, (rows, 1)))
    start = (torch.rand(rows, 1) * (width - length + 1)).long()
    to_end = torch.rand(rows, 1) < 0.5  # a step: what has begun and not ended yet
    start = torch.where(to_end, width - length, start)
    size = (2 + (limit - 2) * torch.rand(rows, 1)) * torch.sign(torch.randn(rows, 1))
    return size * ((at >= start) & (at < start + length)) * (torch.arange(rows) % 2)[:, None]


def restorer(net, x, steps, limit, rate=2e-3, batch=256):
    """Trains to give back x (N, W) from x disturbed and clipped to +-limit."""
    x = torch.from_numpy(x)

    def step():
        clean = x[torch.randint(len(x), (batch,))]
        seen = (clean + disturbances(*clean.shape, limit)).clamp(-limit, limit)
        return functional.smooth_l1_loss(net(seen), clean)
    return _optimise(net, step, steps, rate)


def regressor(net, x, y, steps, noise, rate=2e-3, batch=256):
    """Trains on standardised features x (N, W) with values y (N, 1)."""
    x, y = torch.from_numpy(x), torch.from_numpy(y)

    def step():
        pick = torch.randint(len(x), (batch,))
        return functional.mse_loss(net(x[pick] + noise * torch.randn(batch, x.shape[1])), y[pick])
    return _optimise(net, step, steps, rate)


def standardisation(x):
    """The `standardise` transform for features x (N, W): the training windows' mean and deviation, value by value."""
    return {"kind": "standardise", "mean": [round(float(v), 5) for v in x.mean(axis=0)],
            "scale": [round(float(v), 5) for v in np.maximum(x.std(axis=0), 1e-3)]}
