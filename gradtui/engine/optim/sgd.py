"""Stochastic gradient descent, with momentum (Polyak) and Nesterov's variant."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradtui.engine.optim.optimizer import Group, Optimizer, evaluated, unrecorded, with_grads
from gradtui.engine.optim.updates import add, added, scale
from gradtui.engine.tensor import Tensor


class SGD(Optimizer):
    """w ← w - lr·g; with momentum, g is b ← momentum·b + (1 - dampening)·g."""

    __module__ = "torch.optim.sgd"

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: Any = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        if isinstance(lr, Tensor) and lr.numel() != 1:
            raise ValueError("Tensor lr must be 1-element")
        if lr < 0.0:
            raise ValueError(f"Invalid learning rate: {lr}")
        if momentum < 0.0:
            raise ValueError(f"Invalid momentum value: {momentum}")
        if weight_decay < 0.0:
            raise ValueError(f"Invalid weight_decay value: {weight_decay}")
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "dampening": dampening,
            "weight_decay": weight_decay,
            "nesterov": nesterov,
            "maximize": maximize,
            "foreach": foreach,
            "differentiable": differentiable,
            "fused": fused,
        }
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("Nesterov momentum requires a momentum and zero dampening")
        super().__init__(params, defaults)
        if fused and differentiable:
            raise RuntimeError("`fused` does not support `differentiable`")
        if fused and foreach:
            raise RuntimeError("`fused` and `foreach` cannot be `True` together.")

    @unrecorded
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """One descent; `closure` recomputes the loss, which is returned."""
        loss = evaluated(closure)
        for group in self.param_groups:
            lr = group["lr"]
            for p in with_grads(group):
                add(p, self._direction(p, group), -lr)
        return loss

    def _direction(self, param: Tensor, group: Group) -> Tensor:
        grad: Any = param.grad
        if group["maximize"]:
            grad = -grad
        if group["weight_decay"] != 0:
            grad = added(grad, param, group["weight_decay"])
        return self._with_momentum(param, grad, group) if group["momentum"] != 0 else grad

    def _with_momentum(self, param: Tensor, grad: Any, group: Group) -> Tensor:
        momentum, state = group["momentum"], self.state[param]
        buffer = state.get("momentum_buffer")
        if buffer is None:
            buffer = state["momentum_buffer"] = grad.detach().clone()
        else:
            add(scale(buffer, momentum), grad, 1 - group["dampening"])
        return added(grad, buffer, momentum) if group["nesterov"] else buffer
