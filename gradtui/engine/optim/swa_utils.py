"""`torch.optim.swa_utils`: averages of the weights on the way, and a schedule for making them.

>>> import gradtui.engine as torch
>>> model = torch.nn.Linear(1, 1)
>>> averaged = torch.optim.swa_utils.AveragedModel(model)
>>> averaged.update_parameters(model)
>>> averaged.n_averaged
tensor(1)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from copy import deepcopy
from itertools import chain
from typing import Any

from gradtui.engine import creation, dtypes
from gradtui.engine.absent import missing
from gradtui.engine.modes import no_grad
from gradtui.engine.nn.module import Module
from gradtui.engine.nn.normalisation import _BatchNorm
from gradtui.engine.optim.schedule import LRScheduler, per_group

__all__ = [
    "SWALR",
    "AveragedModel",
    "get_ema_avg_fn",
    "get_ema_multi_avg_fn",
    "get_swa_avg_fn",
    "get_swa_multi_avg_fn",
    "update_bn",
]

Average = Callable[[Any, Any, Any], Any]


def _checked(decay: float) -> float:
    if decay < 0.0 or decay > 1.0:
        raise ValueError(
            f"Invalid decay value {decay} provided. Please provide a value in [0,1] range."
        )
    return decay


def get_ema_multi_avg_fn(decay: float = 0.999) -> Average:
    """Moves all averages towards the weights by 1 - decay."""
    kept = _checked(decay)

    @no_grad()
    def ema_update(ema_param_list: Any, current_param_list: Any, _: Any) -> None:
        for average, now in zip(ema_param_list, current_param_list, strict=True):
            if average.is_floating_point():
                average.lerp_(now, 1 - kept)
            else:
                average.copy_(average * kept + now * (1 - kept))

    return ema_update  # type: ignore[no-any-return]


def get_swa_multi_avg_fn() -> Average:
    """Makes all averages the mean of one more."""

    @no_grad()
    def swa_update(averaged_param_list: Any, current_param_list: Any, num_averaged: Any) -> None:
        for average, now in zip(averaged_param_list, current_param_list, strict=True):
            if average.is_floating_point():
                average.lerp_(now, float(1 / (num_averaged + 1)))
            else:
                average.add_((now - average) / (num_averaged + 1))

    return swa_update  # type: ignore[no-any-return]


def get_ema_avg_fn(decay: float = 0.999) -> Average:
    """decay · average + (1 - decay) · weights."""
    kept = _checked(decay)

    @no_grad()
    def ema_update(ema_param: Any, current_param: Any, num_averaged: Any) -> Any:
        return kept * ema_param + (1 - kept) * current_param

    return ema_update  # type: ignore[no-any-return]


def get_swa_avg_fn() -> Average:
    """The mean of one more."""

    @no_grad()
    def swa_update(averaged_param: Any, current_param: Any, num_averaged: Any) -> Any:
        return averaged_param + (current_param - averaged_param) / (num_averaged + 1)

    return swa_update  # type: ignore[no-any-return]


class AveragedModel(Module):
    """A copy of a model whose weights are averages of the weights it is updated with."""

    __module__ = "torch.optim.swa_utils"
    n_averaged: Any

    def __init__(
        self,
        model: Any,
        device: Any = None,
        avg_fn: Average | None = None,
        multi_avg_fn: Average | None = None,
        use_buffers: bool = False,
    ) -> None:
        super().__init__()
        if avg_fn is not None and multi_avg_fn is not None:
            raise AssertionError("Only one of avg_fn and multi_avg_fn should be provided")
        self.module = deepcopy(model)
        self.register_buffer("n_averaged", creation.tensor(0, dtype=dtypes.int64))
        self.avg_fn, self.multi_avg_fn, self.use_buffers = avg_fn, multi_avg_fn, use_buffers

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        return self.module(*args, **kwargs)

    def _pairs(self, model: Any) -> list[tuple[Any, Any]]:
        mine, theirs = self.parameters(), model.parameters()
        if self.use_buffers:
            mine = chain(self.module.parameters(), self.module.buffers())
            theirs = chain(model.parameters(), model.buffers())
        return [(a.detach(), b.detach()) for a, b in zip(mine, theirs, strict=False)]

    def update_parameters(self, model: Any) -> None:
        """Takes the weights of `model` into the averages; the first are copied."""
        pairs = self._pairs(model)
        if bool(self.n_averaged == 0):
            for average, now in pairs:
                average.copy_(now)
        elif self.avg_fn is not None:
            for average, now in pairs:
                average.copy_(self.avg_fn(average, now, self.n_averaged))
        else:
            update = self.multi_avg_fn or get_swa_multi_avg_fn()
            update([a for a, _ in pairs], [b for _, b in pairs], self.n_averaged)
        if not self.use_buffers:
            for mine, theirs in zip(self.module.buffers(), model.buffers(), strict=True):
                mine.detach().copy_(theirs.detach())
        self.n_averaged += 1


@no_grad()
def update_bn(loader: Iterable[Any], model: Any, device: Any = None) -> None:
    """Computes the running statistics of batch normalisation anew, from a pass over the data."""
    momenta = {}
    for module in model.modules():
        if isinstance(module, _BatchNorm):
            module.reset_running_stats()
            momenta[module] = module.momentum
    if not momenta:
        return
    was_training = model.training
    model.train()
    for module in momenta:
        module.momentum = None
    for input in loader:
        model(input[0] if isinstance(input, (list, tuple)) else input)
    for module, momentum in momenta.items():
        module.momentum = momentum
    model.train(was_training)


def _linear(t: float) -> float:
    return t


def _cosine(t: float) -> float:
    return (1 - math.cos(math.pi * t)) / 2


class SWALR(LRScheduler):
    """Goes to `swa_lr` in `anneal_epochs` steps, along a line or a cosine, and stays there."""

    __module__ = "torch.optim.swa_utils"

    def __init__(
        self,
        optimizer: Any,
        swa_lr: Any,
        anneal_epochs: int = 10,
        anneal_strategy: str = "cos",
        last_epoch: int = -1,
    ) -> None:
        rates = per_group("swa_lr", optimizer, swa_lr)
        for rate, group in zip(rates, optimizer.param_groups, strict=True):
            group["swa_lr"] = rate
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(
                f"anneal_strategy must be one of 'cos' or 'linear', instead got {anneal_strategy}"
            )
        self._set_anneal_func(anneal_strategy)
        if not isinstance(anneal_epochs, int) or anneal_epochs < 0:
            raise ValueError(f"anneal_epochs must be equal or greater than 0, got {anneal_epochs}")
        self.anneal_epochs = anneal_epochs
        super().__init__(optimizer, last_epoch)

    def _set_anneal_func(self, strategy: str) -> None:
        self._anneal_strategy = strategy
        self.anneal_func = _cosine if strategy == "cos" else _linear

    def _share(self, step: int) -> float:
        return self.anneal_func(max(0, min(1, step / max(1, self.anneal_epochs))))

    def get_lr(self) -> list[Any]:
        self._warn_outside()
        step = self._step_count - 1
        if self.anneal_epochs == 0:
            step = max(1, step)
        before, now = self._share(step - 1), self._share(step)
        groups = self.optimizer.param_groups
        starts = [_start(g["lr"], g["swa_lr"], before) for g in groups]
        return [g["swa_lr"] * now + lr * (1 - now) for g, lr in zip(groups, starts, strict=True)]

    def state_dict(self) -> dict[str, Any]:
        return {k: v for k, v in super().state_dict().items() if k != "anneal_func"}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        super().load_state_dict(state_dict)
        self._set_anneal_func(self._anneal_strategy)


def _start(lr: float, swa_lr: float, share: float) -> float:
    """The rate that was there at first, from the one after a share of the way."""
    return swa_lr if share == 1 else (lr - share * swa_lr) / (1 - share)


def __getattr__(name: str) -> Any:
    raise missing("torch.optim.swa_utils", name)
