"""What adaptive optimizers share: checks of options, a state per parameter, the step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gradtui.engine.creation import zeros_like
from gradtui.engine.dtypes import get_default_dtype
from gradtui.engine.optim.optimizer import Group, Optimizer, evaluated, unrecorded, with_grads
from gradtui.engine.tensor import Tensor, wrap

_WORDS = {"lr": "learning rate", "eps": "epsilon value"}


def check(**options: Any) -> None:
    """Refuses options below zero, in the order they are given, and learning rates of several."""
    lr = options.get("lr")
    if isinstance(lr, Tensor) and lr.numel() != 1:
        raise ValueError("Tensor lr must be 1-element")
    for name, value in options.items():
        if not value >= 0.0:
            raise ValueError(f"Invalid {_WORDS.get(name, name + ' value')}: {value}")


def check_betas(betas: Any) -> None:
    """Refuses decay rates outside [0, 1)."""
    for place, beta in enumerate(betas[:2]):
        if not 0.0 <= beta < 1.0:
            raise ValueError(f"Invalid beta parameter at index {place}: {beta}")


def number(value: float) -> Any:
    """A count of steps as torch keeps it: a 0-d tensor of the default dtype (or of float32)."""
    wide = get_default_dtype().name == "float64"
    return wrap(np.asarray(value, np.float64 if wide else np.float32))


def decayed(grad: Any, param: Any, group: Group) -> Any:
    """The gradient with the weights times `weight_decay` added."""
    return grad.add(param, alpha=group["weight_decay"]) if group["weight_decay"] != 0 else grad


class Adaptive(Optimizer):
    """A subclass says which state a parameter begins with, and how it is updated."""

    def _begin(self, param: Any, group: Group) -> dict[str, Any]:
        raise NotImplementedError

    def _update(self, param: Any, grad: Any, state: dict[str, Any], group: Group) -> None:
        raise NotImplementedError

    @unrecorded
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """One update; `closure` recomputes the loss, which is returned."""
        loss = evaluated(closure)
        for group in self.param_groups:
            for param in with_grads(group):
                state = self.state[param]
                if not state:
                    state.update(self._begin(param, group))
                grad: Any = param.grad
                state["step"] += 1
                self._update(param, -grad if group["maximize"] else grad, state, group)
        return loss

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        for own in self.state.values():
            if own and not isinstance(own["step"], Tensor):
                own["step"] = number(float(own["step"]))


def blank(param: Any, *names: str) -> dict[str, Any]:
    """A state of zeros shaped as the parameter, after a count of steps."""
    return {"step": number(0.0)} | {name: zeros_like(param) for name in names}
