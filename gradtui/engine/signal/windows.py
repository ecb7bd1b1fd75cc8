"""`torch.signal.windows`: M weights that fall to both ends, `sym`metric or one period of a wave."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

from gradtui.engine import creation, dtypes
from gradtui.engine.lift import FUNCTIONS as F

__all__ = [
    "bartlett", "blackman", "cosine", "exponential", "gaussian", "general_cosine",
    "general_hamming", "hamming", "hann", "kaiser", "nuttall",
]  # fmt: skip


def _checked(name: str, M: int, dtype: Any, layout: Any) -> Any:
    """The dtype of the weights."""
    kind = dtype or dtypes.get_default_dtype()
    if M < 0:
        raise ValueError(f"{name} requires non-negative window length, got M={M}")
    if layout is not dtypes.strided:
        raise ValueError(f"{name} is implemented for strided tensors only, got: {layout}")
    if kind not in (dtypes.float32, dtypes.float64):
        raise ValueError(f"{name} expects float32 or float64 dtypes, got: {kind}")
    return kind


def _window(
    name: str, weights: Callable[..., Any], check: Callable[..., None], alone: bool
) -> Callable[..., Any]:
    """The function of a window; `alone` says that a single weight is 1."""

    def window(
        M: int,
        *,
        sym: bool = True,
        dtype: Any = None,
        layout: Any = dtypes.strided,
        device: Any = None,
        requires_grad: bool = False,
        **options: Any,
    ) -> Any:
        kind = _checked(name, M, dtype, layout)
        check(sym, **options)
        given = {"dtype": kind, "requires_grad": requires_grad}
        if M == 0 or (M == 1 and alone):
            return creation.ones((M,), **given)
        return weights(M, sym, given, **options)

    window.__name__ = name
    return window


def _line(start: float, step: float, M: int, given: dict[str, Any]) -> Any:
    return creation.linspace(start, start + (M - 1) * step, M, **given)


def _scaled(start: float, constant: float, M: int, given: dict[str, Any]) -> Any:
    return creation.linspace(start * constant, (start + (M - 1)) * constant, M, **given)


# -- the shapes ------------------------------------------------------------------------------------


def _check_exponential(sym: bool, center: float | None = None, tau: float = 1.0) -> None:
    if tau <= 0:
        raise ValueError(f"Tau must be positive, got: {tau} instead.")
    if sym and center is not None:
        raise ValueError("Center must be None for symmetric windows")


def _exponential(
    M: int, sym: bool, given: dict[str, Any], center: float | None = None, tau: float = 1.0
) -> Any:
    middle = (M if not sym and M > 1 else M - 1) / 2.0 if center is None else center
    return F["exp"](-F["abs"](_scaled(-middle, 1 / tau, M, given)))


def _cosine(M: int, sym: bool, given: dict[str, Any]) -> Any:
    return F["sin"](_scaled(0.5, math.pi / (M + 1 if not sym and M > 1 else M), M, given))


def _check_gaussian(sym: bool, std: float = 1.0) -> None:
    if std <= 0:
        raise ValueError(f"Standard deviation must be positive, got: {std} instead.")


def _gaussian(M: int, sym: bool, given: dict[str, Any], std: float = 1.0) -> Any:
    start = -(M if not sym and M > 1 else M - 1) / 2.0
    return F["exp"](-(_scaled(start, 1 / (std * math.sqrt(2)), M, given) ** 2))


def _check_kaiser(sym: bool, beta: float = 12.0) -> None:
    if beta < 0:
        raise ValueError(f"beta must be non-negative, got: {beta} instead.")


def _kaiser(M: int, sym: bool, given: dict[str, Any], beta: float = 12.0) -> Any:
    edge: Any = creation.tensor(beta, dtype=given["dtype"])
    step = 2.0 * edge / (M - 1 if sym else M)
    end = F["minimum"](edge, -edge + (M - 1) * step)
    k = creation.linspace(float(-edge), float(end), M, **given)
    return F["i0"](F["sqrt"](edge * edge - F["pow"](k, 2))) / F["i0"](edge)


def _bartlett(M: int, sym: bool, given: dict[str, Any]) -> Any:
    return 1 - F["abs"](_line(-1, 2 / (M - 1 if sym else M), M, given))


def _check_cosines(sym: bool, a: Any = ()) -> None:
    if not isinstance(a, Iterable):
        raise TypeError("Coefficients must be a list/tuple")
    if not a:
        raise ValueError("Coefficients cannot be empty")


def _cosines(M: int, sym: bool, given: dict[str, Any], a: Any) -> Any:
    k = _scaled(0, 2 * math.pi / (M - 1 if sym else M), M, given)
    weights = creation.tensor([(-1) ** i * w for i, w in enumerate(a)], **given)
    orders = creation.arange(len(weights), **given)
    return (weights.unsqueeze(-1) * F["cos"](orders.unsqueeze(-1) * k)).sum(0)


def _anything(sym: bool) -> None:
    """No setting can be wrong."""


exponential = _window("exponential", _exponential, _check_exponential, False)
cosine = _window("cosine", _cosine, _anything, False)
gaussian = _window("gaussian", _gaussian, _check_gaussian, False)
kaiser = _window("kaiser", _kaiser, _check_kaiser, True)
bartlett = _window("bartlett", _bartlett, _anything, True)
_general = _window("general_cosine", _cosines, _check_cosines, True)


def general_cosine(M: int, *, a: Any, **options: Any) -> Any:
    """A sum of cosines with alternating signs, weighted by `a`."""
    return _general(M, a=a, **options)


def general_hamming(M: int, *, alpha: float = 0.54, **options: Any) -> Any:
    """One cosine on a pedestal."""
    return general_cosine(M, a=[alpha, 1.0 - alpha], **options)


def hamming(M: int, **options: Any) -> Any:
    """0.54 - 0.46 cos."""
    return general_hamming(M, **options)


def hann(M: int, **options: Any) -> Any:
    """0.5 - 0.5 cos."""
    return general_hamming(M, alpha=0.5, **options)


def blackman(M: int, **options: Any) -> Any:
    """0.42 - 0.5 cos + 0.08 cos of the double angle."""
    kind, layout = options.get("dtype"), options.get("layout", dtypes.strided)
    _checked("blackman", M, kind, layout)
    return general_cosine(M, a=[0.42, 0.5, 0.08], **options)


def nuttall(M: int, **options: Any) -> Any:
    """Four cosines (Nuttall, 1981)."""
    return general_cosine(M, a=[0.3635819, 0.4891775, 0.1365995, 0.0106411], **options)
