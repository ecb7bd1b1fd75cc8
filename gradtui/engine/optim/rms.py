"""Optimizers that divide by a mean of squared gradients: RMSprop, Adagrad, Adadelta."""

from __future__ import annotations

from typing import Any

from gradtui.engine.creation import full_like
from gradtui.engine.optim.adaptive import Adaptive, blank, check, decayed, number
from gradtui.engine.optim.optimizer import Group


class RMSprop(Adaptive):
    """w ← w - lr·g / (√v + eps), v a running mean of g² (Hinton, 2012)."""

    __module__ = "torch.optim.rmsprop"

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        check(lr=lr, eps=eps, momentum=momentum, weight_decay=weight_decay, alpha=alpha)
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "alpha": alpha,
            "eps": eps,
            "centered": centered,
            "weight_decay": weight_decay,
            "capturable": capturable,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)

    def _begin(self, param: Any, group: Group) -> dict[str, Any]:
        buffer = ("momentum_buffer",) if group["momentum"] > 0 else ()
        mean = ("grad_avg",) if group["centered"] else ()
        return blank(param, "square_avg", *buffer, *mean)

    def _update(self, param: Any, grad: Any, state: dict[str, Any], group: Group) -> None:
        alpha, lr = group["alpha"], group["lr"]
        grad = decayed(grad, param, group)
        square = state["square_avg"].mul_(alpha).addcmul_(grad, grad, value=1 - alpha)
        if group["centered"]:
            mean = state["grad_avg"].lerp_(grad, 1 - alpha)
            deviation = square.addcmul(mean, mean, value=-1).sqrt_()
        else:
            deviation = square.sqrt()
        deviation.add_(group["eps"])
        if group["momentum"] > 0:
            buffer = state["momentum_buffer"].mul_(group["momentum"])
            param.add_(buffer.addcdiv_(grad, deviation), alpha=-lr)
        else:
            param.addcdiv_(grad, deviation, value=-lr)


class Adagrad(Adaptive):
    """w ← w - lr·g / (√Σg² + eps) (Duchi et al., 2011)."""

    __module__ = "torch.optim.adagrad"

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        check(
            lr=lr,
            lr_decay=lr_decay,
            weight_decay=weight_decay,
            initial_accumulator_value=initial_accumulator_value,
            eps=eps,
        )
        defaults = {
            "lr": lr,
            "lr_decay": lr_decay,
            "eps": eps,
            "weight_decay": weight_decay,
            "initial_accumulator_value": initial_accumulator_value,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "fused": fused,
        }
        super().__init__(params, defaults)
        for group in self.param_groups:
            for param in group["params"]:
                self.state[param].update(self._begin(param, group))

    def _begin(self, param: Any, group: Group) -> dict[str, Any]:
        return {
            "step": number(0.0),
            "sum": full_like(param, group["initial_accumulator_value"]),
        }

    def _update(self, param: Any, grad: Any, state: dict[str, Any], group: Group) -> None:
        grad = decayed(grad, param, group)
        rate = group["lr"] / (1 + (state["step"].item() - 1) * group["lr_decay"])
        deviation = state["sum"].addcmul_(grad, grad, value=1).sqrt().add_(group["eps"])
        param.addcdiv_(grad, deviation, value=-rate)


class Adadelta(Adaptive):
    """Steps as large as the last ones were, relative to the gradients (Zeiler, 2012)."""

    __module__ = "torch.optim.adadelta"

    def __init__(
        self,
        params: Any,
        lr: Any = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        capturable: bool = False,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        check(lr=lr)
        if not 0.0 <= rho <= 1.0:
            raise ValueError(f"Invalid rho value: {rho}")
        check(eps=eps, weight_decay=weight_decay)
        defaults = {
            "lr": lr,
            "rho": rho,
            "eps": eps,
            "weight_decay": weight_decay,
            "maximize": maximize,
            "capturable": capturable,
            "foreach": foreach,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)

    def _begin(self, param: Any, group: Group) -> dict[str, Any]:
        return blank(param, "square_avg", "acc_delta")

    def _update(self, param: Any, grad: Any, state: dict[str, Any], group: Group) -> None:
        rho, eps = group["rho"], group["eps"]
        grad = decayed(grad, param, group)
        square, moved = state["square_avg"], state["acc_delta"]
        square.mul_(rho).addcmul_(grad, grad, value=1 - rho)
        deviation = square.add(eps).sqrt_()
        delta = moved.add(eps).sqrt_().div_(deviation).mul_(grad)
        moved.mul_(rho).addcmul_(delta, delta, value=1 - rho)
        param.add_(delta, alpha=-group["lr"])
