"""`torch.optim`: optimizers, their updates exact to the last bit, and learning-rate schedules.

>>> import gradtui.engine as torch
>>> w = torch.ones(2, requires_grad=True)
>>> opt = torch.optim.SGD([w], lr=0.1)
>>> (w * 3).sum().backward()
>>> opt.step()
>>> w
tensor([0.7000, 0.7000], requires_grad=True)
"""

from gradtui.engine.optim.optimizer import Optimizer
from gradtui.engine.optim.sgd import SGD

__all__ = ["SGD", "Optimizer"]
