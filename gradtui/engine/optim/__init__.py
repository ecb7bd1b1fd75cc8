"""`torch.optim`: optimizers, their updates exact to the last bit, and learning-rate schedules.

>>> import gradtui.engine as torch
>>> w = torch.ones(2, requires_grad=True)
>>> opt = torch.optim.SGD([w], lr=0.1)
>>> (w * 3).sum().backward()
>>> opt.step()
>>> w
tensor([0.7000, 0.7000], requires_grad=True)
"""

from importlib import import_module
from typing import Any

from gradtui.engine.absent import missing
from gradtui.engine.naming import rename
from gradtui.engine.optim import lr_scheduler
from gradtui.engine.optim.adam import Adam, Adamax, AdamW, NAdam, RAdam
from gradtui.engine.optim.factored import Adafactor
from gradtui.engine.optim.lbfgs import LBFGS
from gradtui.engine.optim.optimizer import Optimizer
from gradtui.engine.optim.rms import Adadelta, Adagrad, RMSprop
from gradtui.engine.optim.rprop import ASGD, Rprop
from gradtui.engine.optim.sgd import SGD

rename((ASGD, Adadelta, Adafactor, Adagrad, Adam, Adamax, NAdam, RAdam, RMSprop, Rprop), "step")
rename((AdamW,), "step", "Adam")

__all__ = [
    "ASGD",
    "LBFGS",
    "SGD",
    "Adadelta",
    "Adafactor",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "NAdam",
    "Optimizer",
    "RAdam",
    "RMSprop",
    "Rprop",
    "lr_scheduler",
]


def __getattr__(name: str) -> Any:
    if name == "swa_utils":
        return import_module("gradtui.engine.optim.swa_utils")
    raise missing("torch.optim", name)
