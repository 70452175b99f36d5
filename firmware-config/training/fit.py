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


def autoencoder(net, x, steps, noise, rate=2e-3, batch=128):
    """Trains to give back x (N, W) from x with a little noise on it."""
    x = torch.from_numpy(x)

    def step():
        clean = x[torch.randint(len(x), (batch,))]
        return functional.mse_loss(net(clean + noise * torch.randn_like(clean)), clean)
    return _optimise(net, step, steps, rate)


def standardisation(x):
    """The `standardise` transform for features x (N, W): the training windows' mean and deviation, value by value."""
    return {"kind": "standardise", "mean": [round(float(v), 5) for v in x.mean(axis=0)],
            "scale": [round(float(v), 5) for v in np.maximum(x.std(axis=0), 1e-3)]}
