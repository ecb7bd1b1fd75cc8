"""Adafactor (Shazeer and Stern, 2018): of a matrix's squared gradients it keeps rows and columns."""

from __future__ import annotations

from typing import Any

from gradtui.engine.creation import zeros_like
from gradtui.engine.dtypes import finfo
from gradtui.engine.optim.adaptive import Adaptive, number
from gradtui.engine.optim.optimizer import Group
from gradtui.engine.tensor import Tensor


def _check(lr: Any, beta2_decay: float, eps: Any, d: float, weight_decay: float) -> None:
    if isinstance(lr, Tensor) and lr.numel() != 1:
        raise ValueError("Tensor lr must be 1-element")
    refused = (
        (lr >= 0, f"Learning rate should be >= 0 but is: {lr}"),
        (beta2_decay <= 0, f"beta2_decay should be <= 0 but is: {beta2_decay}"),
        (eps[0] is None or eps[0] >= 0, f"epsilon1 should be >= 0 but is: {eps[0]}"),
        (eps[1] >= 0, f"epsilon2 should be >= 0 but is: {eps[1]}"),
        (d >= 1, f"Clipping threshold d should be >= 1 but is: {d}"),
        (weight_decay >= 0, f"weight_decay should be >= 0 but is: {weight_decay}"),
    )
    for fine, words in refused:
        if not fine:
            raise ValueError(words)


class Adafactor(Adaptive):
    """Steps relative to the size of the weights, clipped where they would be large."""

    __module__ = "torch.optim._adafactor"

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-2,
        beta2_decay: float = -0.8,
        eps: tuple[float | None, float] = (None, 1e-3),
        d: float = 1.0,
        weight_decay: float = 0.0,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
    ) -> None:
        _check(lr, beta2_decay, eps, d, weight_decay)
        defaults = {
            "lr": lr,
            "beta2_decay": beta2_decay,
            "eps": eps,
            "d": d,
            "weight_decay": weight_decay,
            "foreach": foreach,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def _begin(self, param: Any, group: Group) -> dict[str, Any]:
        grad: Any = param.grad
        if grad.dim() <= 1:
            return {"step": number(0.0), "variance": zeros_like(grad)}
        rows, columns = (*grad.shape[:-1], 1), (*grad.shape[:-2], 1, grad.shape[-1])
        return {
            "step": number(0.0),
            "row_var": grad.new_zeros(rows),
            "col_var": grad.new_zeros(columns),
        }

    def _update(self, param: Any, grad: Any, state: dict[str, Any], group: Group) -> None:
        step, lr = state["step"].item(), float(group["lr"])
        least = group["eps"][0]
        if least is None:
            least = finfo(param.dtype).eps
        size = param.norm(2).item() / param.numel() ** 0.5
        alpha = max(group["eps"][1], size) * min(lr, 1 / step**0.5)
        if group["weight_decay"] != 0:
            param.mul_(1 - lr * group["weight_decay"])
        estimate = _estimated(grad, state, step ** group["beta2_decay"], least)
        update = estimate.clamp_(min=least * least).rsqrt_()
        update.mul_(grad)
        length = update.norm(2).item() / (update.numel() ** 0.5 * group["d"])
        param.add_(update, alpha=-alpha / max(1.0, length))


def _estimated(grad: Any, state: dict[str, Any], share: float, least: float) -> Any:
    """The running mean of squared gradients; of a matrix, what its rows and columns make of it."""
    if "variance" in state:
        return state["variance"].lerp_(grad * grad, share).clone()
    rows, columns = state["row_var"], state["col_var"]
    for kept, dim in ((rows, -1), (columns, -2)):
        mean = grad.norm(dim=dim, keepdim=True).square_().div_(grad.size(dim))
        kept.lerp_(mean, share)
    found = rows @ columns
    return found.div_(rows.mean(dim=-2, keepdim=True).clamp_(min=least))
