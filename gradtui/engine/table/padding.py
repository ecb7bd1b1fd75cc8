"""Rows that grow a tensor at its edges: by a constant, by its mirror image, by its last entries."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradtui.engine.lift import FUNCTIONS, is_tensor
from gradtui.engine.table.functional import nn_row


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
    return np.pad(x[kept], grown, constant_values=value)


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
    return np.pad(x, _widths(x.ndim, pad), mode=mode)


def _fold_edges(grad: Any, x: Any, pad: tuple[int, ...], mode: str) -> Any:
    """Adds the cotangent of every copied entry to that of the entry it was copied from."""
    size = int(np.prod(x.shape))
    source = _pad_edges(np.arange(size).reshape(x.shape), pad, mode)
    if is_tensor(grad):
        from gradtui.engine.tensor import wrap

        zeros = wrap(np.zeros(size, grad._data.dtype))
        index = wrap(source.ravel())
        return zeros.scatter_add(0, index, grad.reshape(-1)).reshape(x.shape)
    out = np.zeros(size, grad.dtype)
    np.add.at(out, source.ravel(), grad.ravel())
    return out.reshape(x.shape)


for _dims in (1, 2, 3):
    nn_row(
        f"reflection_pad{_dims}d(Tensor self, IntArrayRef padding)",
        f"ReflectionPad{_dims}DBackward0",
        lambda x, padding: _pad_edges(x, padding, "reflect"),
        jvp="auto_linear",
        self=lambda grad, self, padding: _fold_edges(grad, self, padding, "reflect"),
    )
    nn_row(
        f"replication_pad{_dims}d(Tensor self, IntArrayRef padding)",
        f"ReplicationPad{_dims}DBackward0",
        lambda x, padding: _pad_edges(x, padding, "edge"),
        jvp="auto_linear",
        self=lambda grad, self, padding: _fold_edges(grad, self, padding, "edge"),
    )
