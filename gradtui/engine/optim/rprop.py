"""Optimizers of their own kind: Rprop, which looks at signs, and ASGD, which averages its path."""

from __future__ import annotations

from typing import Any

from gradtui.engine.creation import full_like
from gradtui.engine.optim.adaptive import Adaptive, blank, check, decayed, number
from gradtui.engine.optim.optimizer import Group


class Rprop(Adaptive):
    """Steps that grow while the gradient keeps its sign (Riedmiller and Braun, 1993)."""

    __module__ = "torch.optim.rprop"

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50),
        *,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        check(lr=lr)
        if not 0.0 < etas[0] < 1.0 < etas[1]:
            raise ValueError(f"Invalid eta values: {etas[0]}, {etas[1]}")
        defaults = {
            "lr": lr,
            "etas": etas,
            "step_sizes": step_sizes,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "capturable": capturable,
        }
        super().__init__(params, defaults)

    def _begin(self, param: Any, group: Group) -> dict[str, Any]:
        return blank(param, "prev") | {"step_size": full_like(param, group["lr"])}

    def _update(self, param: Any, grad: Any, state: dict[str, Any], group: Group) -> None:
        (less, more), (least, most) = group["etas"], group["step_sizes"]
        sign = grad.mul(state["prev"]).sign()
        sign[sign.gt(0)] = more
        sign[sign.lt(0)] = less
        sign[sign.eq(0)] = 1
        state["step_size"].mul_(sign).clamp_(least, most)
        grad = grad.clone()
        grad[sign.eq(less)] = 0
        param.addcmul_(grad.sign(), state["step_size"], value=-1)
        state["prev"].copy_(grad)


class ASGD(Adaptive):
    """Gradient descent that keeps the mean of its path (Polyak and Juditsky, 1992)."""

    __module__ = "torch.optim.asgd"

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-2,
        lambd: float = 1e-4,
        alpha: float = 0.75,
        t0: float = 1e6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        check(lr=lr, weight_decay=weight_decay)
        defaults = {
            "lr": lr,
            "lambd": lambd,
            "alpha": alpha,
            "t0": t0,
            "weight_decay": weight_decay,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "capturable": capturable,
        }
        super().__init__(params, defaults)

    def _begin(self, param: Any, group: Group) -> dict[str, Any]:
        rates = {"eta": number(float(group["lr"])), "mu": number(1.0)}
        state = blank(param, "ax")
        return {"step": state["step"], **rates, "ax": state["ax"]}

    def _update(self, param: Any, grad: Any, state: dict[str, Any], group: Group) -> None:
        lr, lambd, rate = group["lr"], group["lambd"], state["eta"].item()
        grad = decayed(grad, param, group)
        param.mul_(1 - lambd * rate)
        param.add_(grad, alpha=-rate)
        mean = state["ax"]
        if state["mu"].item() != 1:
            mean.add_(param.sub(mean).mul_(state["mu"]))
        else:
            mean.copy_(param)
        step = state["step"].item()
        state["eta"].copy_(number(lr / ((1 + lambd * lr * step) ** group["alpha"])))
        state["mu"].copy_(number(1 / max(1, step - group["t0"])))
