"""Schedules of learning rates: call `step()` after each epoch, or after each update.

A schedule reads and writes `lr` of the optimizer's groups, and keeps there what they began with.

>>> import gradtui.engine as torch
>>> sgd = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
>>> halves = torch.optim.lr_scheduler.ExponentialLR(sgd, 0.5)
>>> sgd.step(); halves.step(); halves.get_last_lr()
[0.5]
"""

from gradtui.engine.naming import rename
from gradtui.engine.optim.decays import (
    ConstantLR,
    CosineAnnealingLR,
    CosineAnnealingWarmRestarts,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    MultiplicativeLR,
    MultiStepLR,
    PolynomialLR,
    StepLR,
)
from gradtui.engine.optim.plans import (
    ChainedScheduler,
    CyclicLR,
    OneCycleLR,
    ReduceLROnPlateau,
    SequentialLR,
)
from gradtui.engine.optim.schedule import LRScheduler

_LRScheduler = LRScheduler

rename((LambdaLR, MultiplicativeLR), "__init__")

__all__ = [
    "ChainedScheduler",
    "ConstantLR",
    "CosineAnnealingLR",
    "CosineAnnealingWarmRestarts",
    "CyclicLR",
    "ExponentialLR",
    "LRScheduler",
    "LambdaLR",
    "LinearLR",
    "MultiStepLR",
    "MultiplicativeLR",
    "OneCycleLR",
    "PolynomialLR",
    "ReduceLROnPlateau",
    "SequentialLR",
    "StepLR",
]
