"""Rows that grow a tensor at its edges: by a constant, by its mirror image, by its last entries."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradtui.engine.lift import FUNCTIONS, is_tensor, lifted, zeros_like
from gradtui.engine.table.functional import backward_of, nn_row


def _widths(ndim: int, pad: tuple[int, ...]) -> list[tuple[int, int]]:
    """Before and after each dimension; torch counts pairs from the last dimension."""
    pairs = [(pad[i], pad[i + 1]) for i in range(0, len(pad), 2)]
    return [(0, 0)] * (ndim - len(pairs)) + pairs[::-1]


def _check_sizes(x: Any, widths: list[tuple[int, int]]) -> None:
    for dim, (size, (before, after)) in enumerate(zip(x.shape, widths, strict=True)):
        if size + before + after < 0:
            raise RuntimeError(
                f"The input size {size}, plus negative padding {before} and {after} resulted in a "
                f"negative output size, which is invalid. Check dimension {dim} of your input."
            )


def _pad_constant(x: Any, pad: tuple[int, ...], value: Any) -> Any:
    widths = _widths(x.ndim, pad)
    _check_sizes(x, widths)
    kept = tuple(
        slice(max(-before, 0), size - max(-after, 0))
        for size, (before, after) in zip(x.shape, widths, strict=True)
    )
    grown = [(max(before, 0), max(after, 0)) for before, after in widths]
    return np.ascontiguousarray(np.pad(x[kept], grown, constant_values=value))


def _unpad_constant(grad: Any, pad: tuple[int, ...]) -> Any:
    back = tuple(-p for p in pad)
    if is_tensor(grad):
        return FUNCTIONS["constant_pad_nd"](grad, back, 0)
    return _pad_constant(grad, back, 0)


nn_row(
    "constant_pad_nd(Tensor self, IntArrayRef pad, Number value=0)",
    "ConstantPadNdBackward0",
    _pad_constant,
    member=True,
    jvp=lambda self_t, pad: _unpad_constant(self_t, tuple(-p for p in pad)),
    self=lambda grad, pad: _unpad_constant(grad, pad),
)


def _pad_edges(x: Any, pad: tuple[int, ...], mode: Any) -> Any:
    """x grown by its own entries, mirrored or repeated; where a width is negative, cut."""
    widths = _widths(x.ndim, pad)
    _check_sizes(x, widths)
    for dim, (before, after) in enumerate(widths):
        if before or after:
            size = x.shape[dim]
            at = np.arange(-before, size + after)
            if mode == "reflect":
                at = np.abs(at)
                at = np.where(at >= size, 2 * (size - 1) - at, at)
            x = np.take(x, np.clip(at, 0, size - 1), dim)
    return np.ascontiguousarray(x)


def _fold_edges(grad: Any, x: Any, pad: tuple[int, ...], mode: str) -> Any:
    """Adds the cotangent of every copied entry to that of the entry it was copied from."""
    source = _pad_edges(np.arange(x.size).reshape(x.shape), pad, mode)
    out = np.zeros(x.size, grad.dtype)
    np.add.at(out, source.ravel(), grad.ravel())
    return out.reshape(x.shape)


def _declare(name: str, node: str, mode: str) -> None:
    grow = lifted(name, lambda x, padding: _pad_edges(x, padding, mode))
    fold = backward_of(
        f"{name}_backward(Tensor grad_output, Tensor self, IntArrayRef padding)",
        f"{node}BackwardBackward0",
        lambda grad, x, padding: _fold_edges(grad, x, padding, mode),
        jvp="auto_linear",
        grad_output=lambda grad, padding: grow(grad, padding),
        self=lambda grad, self: zeros_like(self),
    )
    nn_row(
        f"{name}(Tensor self, IntArrayRef padding)",
        f"{node}Backward0",
        lambda x, padding: _pad_edges(x, padding, mode),
        jvp="auto_linear",
        self=lambda grad, self, padding: fold(grad, self, padding),
    )


for _dims in (1, 2, 3):
    _declare(f"reflection_pad{_dims}d", f"ReflectionPad{_dims}D", "reflect")
    _declare(f"replication_pad{_dims}d", f"ReplicationPad{_dims}D", "edge")
