"""Adam (Kingma and Ba, 2014), Adamax, AdamW (Loshchilov and Hutter, 2017), NAdam (Dozat, 2016)."""

from __future__ import annotations

from typing import Any

from gradtui.engine.lift import FUNCTIONS
from gradtui.engine.optim.adaptive import Adaptive, blank, check, check_betas, decayed, number
from gradtui.engine.optim.optimizer import Group
from gradtui.engine.tensor import Tensor


class Adam(Adaptive):
    """w ← w - lr·m̂ / (√v̂ + eps): running means of the gradient and of its square, unbiased."""

    __module__ = "torch.optim.adam"

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
        decoupled_weight_decay: bool = False,
    ) -> None:
        check(lr=lr, eps=eps)
        check_betas(betas)
        check(weight_decay=weight_decay)
        if not all(isinstance(b, float) for b in betas) and not all(
            isinstance(b, Tensor) for b in betas
        ):
            raise ValueError("betas must be either both floats or both Tensors")
        defaults = {
            "lr": lr,
            "betas": tuple(betas),
            "eps": eps,
            "weight_decay": weight_decay,
            "amsgrad": amsgrad,
            "maximize": maximize,
            "foreach": foreach,
            "capturable": capturable,
            "differentiable": differentiable,
            "fused": fused,
            "decoupled_weight_decay": decoupled_weight_decay,
        }
        super().__init__(params, defaults)
        if fused and differentiable:
            raise RuntimeError("`fused` does not support `differentiable`")
        if fused and foreach:
            raise RuntimeError("`fused` and `foreach` cannot be `True` together.")

    def _begin(self, param: Any, group: Group) -> dict[str, Any]:
        most = ("max_exp_avg_sq",) if group["amsgrad"] else ()
        return blank(param, "exp_avg", "exp_avg_sq", *most)

    def _update(self, param: Any, grad: Any, state: dict[str, Any], group: Group) -> None:
        (beta1, beta2), lr, eps = group["betas"], group["lr"], group["eps"]
        if group["weight_decay"] != 0 and group["decoupled_weight_decay"]:
            param.mul_(1 - lr * group["weight_decay"])
        else:
            grad = decayed(grad, param, group)
        mean, square = state["exp_avg"], state["exp_avg_sq"]
        mean.lerp_(grad, 1 - beta1)
        square.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
        if group["amsgrad"]:
            square = state["max_exp_avg_sq"].copy_(
                FUNCTIONS["maximum"](state["max_exp_avg_sq"], square)
            )
        step = state["step"].item()
        step_size = lr / (1 - beta1**step)
        deviation = (square.sqrt() / (1 - beta2**step) ** 0.5).add_(eps)
        param.addcdiv_(mean, deviation, value=-step_size)


class AdamW(Adam):
    """Adam whose weight decay acts on the weights, not on the gradient."""

    __module__ = "torch.optim.adamw"

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        super().__init__(
            params,
            lr,
            betas,
            eps,
            weight_decay,
            amsgrad,
            foreach=foreach,
            maximize=maximize,
            capturable=capturable,
            differentiable=differentiable,
            fused=fused,
            decoupled_weight_decay=True,
        )


class Adamax(Adaptive):
    """Adam with the largest gradient in the place of the root mean square."""

    __module__ = "torch.optim.adamax"

    def __init__(
        self,
        params: Any,
        lr: Any = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        check(lr=lr, eps=eps)
        check_betas(betas)
        check(weight_decay=weight_decay)
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "capturable": capturable,
        }
        super().__init__(params, defaults)

    def _begin(self, param: Any, group: Group) -> dict[str, Any]:
        return blank(param, "exp_avg", "exp_inf")

    def _update(self, param: Any, grad: Any, state: dict[str, Any], group: Group) -> None:
        beta1, beta2 = group["betas"]
        grad = decayed(grad, param, group)
        state["exp_avg"].lerp_(grad, 1 - beta1)
        most = state["exp_inf"].mul_(beta2)
        most.copy_(FUNCTIONS["maximum"](most, grad.abs().add_(group["eps"])))
        rate = group["lr"] / (1 - beta1 ** state["step"].item())
        param.addcdiv_(state["exp_avg"], most, value=-rate)


class NAdam(Adaptive):
    """Adam with Nesterov's momentum."""

    __module__ = "torch.optim.nadam"

    def __init__(
        self,
        params: Any,
        lr: Any = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum_decay: float = 4e-3,
        decoupled_weight_decay: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
    ) -> None:
        check(lr=lr, eps=eps)
        check_betas(betas)
        check(weight_decay=weight_decay, momentum_decay=momentum_decay)
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "momentum_decay": momentum_decay,
            "decoupled_weight_decay": decoupled_weight_decay,
            "maximize": maximize,
            "foreach": foreach,
            "capturable": capturable,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)

    def _begin(self, param: Any, group: Group) -> dict[str, Any]:
        state = blank(param, "exp_avg", "exp_avg_sq")
        return {"step": state.pop("step"), "mu_product": number(1.0)} | state

    def _update(self, param: Any, grad: Any, state: dict[str, Any], group: Group) -> None:
        (beta1, beta2), lr, decay = group["betas"], group["lr"], group["momentum_decay"]
        step = state["step"].item()
        if group["weight_decay"] != 0 and group["decoupled_weight_decay"]:
            param.mul_(1 - lr * group["weight_decay"])
        else:
            grad = decayed(grad, param, group)
        now = beta1 * (1.0 - 0.5 * (0.96 ** (step * decay)))
        then = beta1 * (1.0 - 0.5 * (0.96 ** ((step + 1) * decay)))
        state["mu_product"] *= now
        product = state["mu_product"].item()
        state["exp_avg"].lerp_(grad, 1 - beta1)
        square = state["exp_avg_sq"].mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
        deviation = square.div(1 - beta2**step).sqrt().add_(group["eps"])
        param.addcdiv_(grad, deviation, value=-lr * (1.0 - now) / (1.0 - product))
        param.addcdiv_(state["exp_avg"], deviation, value=(-lr * then) / (1.0 - product * then))


class RAdam(Adaptive):
    """Adam that begins as momentum, until its variance is known (Liu et al., 2019)."""

    __module__ = "torch.optim.radam"

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        decoupled_weight_decay: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
    ) -> None:
        check(lr=lr, eps=eps)
        check_betas(betas)
        check(weight_decay=weight_decay)
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "maximize": maximize,
            "foreach": foreach,
            "capturable": capturable,
            "decoupled_weight_decay": decoupled_weight_decay,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)

    def _begin(self, param: Any, group: Group) -> dict[str, Any]:
        return blank(param, "exp_avg", "exp_avg_sq")

    def _update(self, param: Any, grad: Any, state: dict[str, Any], group: Group) -> None:
        (beta1, beta2), lr, step = group["betas"], group["lr"], state["step"].item()
        if group["weight_decay"] != 0 and group["decoupled_weight_decay"]:
            param.mul_(1 - lr * group["weight_decay"])
        else:
            grad = decayed(grad, param, group)
        mean = state["exp_avg"].lerp_(grad, 1 - beta1)
        square = state["exp_avg_sq"].mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
        unbiased = mean / (1 - beta1**step)
        left = 1 - beta2**step
        longest = 2 / (1 - beta2) - 1
        length = longest - 2 * step * (beta2**step) / left
        if length <= 5.0:
            param.add_(unbiased * lr, alpha=-1.0)
            return
        rate = left**0.5 / square.sqrt().add_(group["eps"])
        shrink = (length - 4) * (length - 2) * longest
        rectified = (shrink / ((longest - 4) * (longest - 2) * length)) ** 0.5
        param.add_(unbiased * lr * rate * rectified, alpha=-1.0)
