"""Functions that put tensors together or search in them: products of sets, blocks, places, bins."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from gradtui.engine import conversion, creation, data, dtypes, errors, state
from gradtui.engine.lift import FUNCTIONS as F
from gradtui.engine.lift import native
from gradtui.engine.parsed import of_tensors
from gradtui.engine.rows import composite
from gradtui.engine.tensor import TENSORS, Tensor, wrap

# -- sets and blocks -------------------------------------------------------------------------------


_MODES = (
    "use_mm_for_euclid_dist_if_necessary",
    "use_mm_for_euclid_dist",
    "donot_use_mm_for_euclid_dist",
)


def cdist(x1: Any, x2: Any, p: float = 2.0, compute_mode: str = _MODES[0]) -> Any:
    """The distances between all rows of one matrix and all of another."""
    if compute_mode not in _MODES:
        raise ValueError(f"{compute_mode} is not a valid value for compute_mode")
    number = _MODES.index(compute_mode)
    return F["cdist"](x1, x2, p, number or None)


def block_diag(*tensors: Any) -> Any:
    """Matrices along the diagonal of a larger one."""
    if len(tensors) == 1 and isinstance(tensors[0], (list, tuple)):
        tensors = tuple(tensors[0])
    return F["_block_diag"](list(tensors))


def cartesian_prod(*tensors: Any) -> Any:
    """Every combination of one entry of each, as rows."""
    grids = F["meshgrid"](*tensors, indexing="ij")
    if len(tensors) == 1:
        return tensors[0]
    return F["stack"]([F["flatten"](g) for g in grids], -1)


@composite("combinations(Tensor self, int64_t r=2, bool with_replacement=False)")
def combinations(self: Any, r: int, with_replacement: bool) -> Any:
    if self.dim() != 1:
        raise RuntimeError(f"Expect a 1D vector, but got shape {list(self.shape)}")
    choose = itertools.combinations_with_replacement if with_replacement else itertools.combinations
    if not r:
        return wrap(np.zeros(0, self._data.dtype))
    count = self.shape[0]
    mask = np.zeros((count,) * r, bool)
    for places in choose(range(count), r):
        mask[places] = True
    grids = F["meshgrid"](*[self] * r, indexing="ij")
    return F["stack"]([F["masked_select"](g, wrap(mask)) for g in grids], 1)


def broadcast_shapes(*shapes: Any) -> Any:
    """The shape in which all of the shapes broadcast."""
    found: tuple[int, ...] = ()
    for shape in shapes:
        given = (shape,) if isinstance(shape, int) else tuple(shape)
        try:
            found = np.broadcast_shapes(found, given)
        except ValueError:
            raise RuntimeError(
                "Shape mismatch: objects cannot be broadcast to a single shape"
            ) from None
    return dtypes.Size(found)


# -- indices ---------------------------------------------------------------------------------------


def _triangle(name: str, upper: bool) -> Any:
    def indices(
        row: int,
        col: int,
        offset: int = 0,
        *,
        dtype: Any = None,
        device: Any = None,
        layout: Any = None,
    ) -> Tensor:
        find = np.triu_indices if upper else np.tril_indices
        places = np.array(find(row, offset, col), np.int64)
        return creation.made(places.astype((dtype or dtypes.int64).numpy), device=device)

    indices.__name__ = indices.__qualname__ = name
    return indices


tril_indices, triu_indices = _triangle("tril_indices", False), _triangle("triu_indices", True)


@composite("take_along_dim(Tensor self, Tensor indices, int64_t? dim=None)")
def take_along_dim(self: Any, indices: Any, dim: int | None) -> Any:
    if indices._data.dtype != np.int64:
        raise RuntimeError("torch.take_along_dim(): dtype of indices should be Long but got "
                           f"{indices.dtype.scalar_name}")  # fmt: skip
    if (indices._data < 0).any():  # counted from the end
        size = self._data.size if dim is None else self.shape[dim]
        indices = wrap(np.where(indices._data < 0, indices._data + size, indices._data))
    if dim is None:
        return F["gather"](F["flatten"](self), 0, F["flatten"](indices))
    if self.dim() != indices.dim():
        raise RuntimeError(
            "torch.take_along_dim(): input and indices should have the same number of dimensions, "
            f"but got {self.dim()} dimensions for input, and {indices.dim()} dimensions for indices"
        )
    place = errors.wrap_dim(dim, self.dim())
    shapes = []
    for one in (self, indices):
        size = list(np.broadcast_shapes(*(
            tuple(1 if d == place else n for d, n in enumerate(t.shape)) for t in (self, indices)
        )))  # fmt: skip
        size[place] = one.shape[place]
        shapes.append(tuple(size))
    return F["gather"](
        F["broadcast_to"](self, shapes[0]), place, F["broadcast_to"](indices, shapes[1])
    )


@composite("vander(Tensor x, int64_t? N=None, bool increasing=False)")
def vander(x: Any, N: int | None, increasing: bool) -> Any:
    if x.dim() != 1:
        raise RuntimeError("x must be a one-dimensional tensor.")
    count = x.shape[0] if N is None else N
    if count < 0:
        raise RuntimeError("N must be non-negative.")
    kind = dtypes.promote_types(x.dtype, dtypes.int64)
    out: Any = wrap(np.ones((x.shape[0], count), kind.numpy))
    if count > 1:
        F["slice"](out, 1, 1, count, 1).copy_(F["unsqueeze"](x, 1))
        powers = F["cumprod"](F["slice"](out, 1, 1, count, 1), 1)
        F["slice"](out, 1, 1, count, 1).copy_(powers)
    return out if increasing else F["flip"](out, (1,))


def unravel_index(indices: Any, shape: Any) -> tuple[Any, ...]:
    """The coordinates of places in the flat order of a shape, one tensor for each dimension."""
    if indices._data.dtype.kind not in "iu":
        raise TypeError(f"expected 'indices' to be integer dtype, but got {indices.dtype}")
    if not isinstance(shape, (int, Sequence)):
        raise TypeError(f"expected 'shape' to be int or sequence of ints, but got {type(shape)}")
    sizes = (shape,) if isinstance(shape, int) else tuple(shape)
    for size in sizes:
        if not isinstance(size, int):
            raise TypeError(f"expected 'shape' sequence to only contain ints, but got {type(size)}")
    if any(size < 0 for size in sizes):
        raise ValueError(f"'shape' cannot have negative values, but got {sizes}")
    steps = [math.prod(sizes[d + 1 :]) for d in range(len(sizes))]
    wide = F["unsqueeze"](indices, -1)
    found = F["floor_divide"](wide, wrap(np.array(steps, np.int64)))
    return tuple(F["unbind"](F["remainder"](found, wrap(np.array(sizes, np.int64))), -1))


def nonzero_static(input: Any, *, size: int, fill_value: int = -1) -> Any:
    """The places of what is not zero, as many rows as asked for."""
    if state.duals:
        conversion.REFUSE[0]("nonzero_static", input, known=False)
    if size < 0:
        raise RuntimeError("nonzero_static: 'size' must be an non-negative integer")
    found = F["nonzero"](input)._data[:size]
    out = np.full((size, found.shape[1]), fill_value, np.int64)
    out[: len(found)] = found
    return wrap(out)


@composite("conj_physical(Tensor self)")
def conj_physical(self: Any) -> Any:
    """Real numbers as they are."""
    return self


@composite("unsafe_chunk(Tensor self, int64_t chunks, int64_t dim=0)")
def unsafe_chunk(self: Any, chunks: int, dim: int) -> Any:
    if not self.dim():
        raise RuntimeError("chunk expects at least a 1-dimensional tensor")
    if chunks <= 0:
        raise RuntimeError(f"chunk expects `chunks` to be greater than 0, got: {chunks}")
    size = self.shape[errors.wrap_dim(dim, self.dim())]
    return F["unsafe_split"](self, max(-(-size // chunks), 1), dim)


# -- places in what is sorted ----------------------------------------------------------------------


def searchsorted(
    sorted_sequence: Any,
    input: Any,
    *,
    out_int32: bool = False,
    right: bool = False,
    side: str | None = None,
    sorter: Any = None,
) -> Any:
    """Where entries would be put so that the last dimension stays sorted."""
    lines = (
        sorted_sequence._data
        if sorter is None
        else np.take_along_axis(sorted_sequence._data, sorter._data, -1)
    )
    values = np.asarray(input._data if input.__class__ in TENSORS else input)
    way: Any = "right" if right or side == "right" else "left"
    kind = np.int32 if out_int32 else np.int64
    if lines.ndim == 1:
        return wrap(np.asarray(np.searchsorted(lines, values, way), kind)[()])
    if lines.shape[:-1] != values.shape[:-1]:
        raise RuntimeError(
            "torch.searchsorted(): boundaries tensor should be 1 dimension or the first N-1 "
            "dimensions of boundaries tensor and input value tensor must match, but we got "
            f"boundaries tensor {list(lines.shape)} and input value tensor {list(values.shape)}"
        )
    out = np.empty(values.shape, kind)
    for place in np.ndindex(*lines.shape[:-1]):
        out[place] = np.searchsorted(lines[place], values[place], way)
    return wrap(out)


def bucketize(input: Any, boundaries: Any, *, out_int32: bool = False, right: bool = False) -> Any:
    """The number of the bin between boundaries that each entry falls into."""
    if boundaries.dim() != 1:
        raise RuntimeError(
            f"boundaries tensor must be 1 dimension, but got dim({boundaries.dim()})"
        )
    return searchsorted(boundaries, input, out_int32=out_int32, right=right)


def isin(
    elements: Any, test_elements: Any, *, assume_unique: bool = False, invert: bool = False
) -> Any:
    """Whether each entry is one of the others."""
    here, there = (e._data if e.__class__ in TENSORS else e for e in (elements, test_elements))
    return wrap(np.isin(here, there, invert=invert)[()])


# -- lines and sums --------------------------------------------------------------------------------


@composite("msort(Tensor self)")
def msort(self: Any) -> Any:
    return F["sort"](self, 0)[0]


@composite("renorm(Tensor self, Number p, int64_t dim, Number maxnorm)")
def renorm(self: Any, p: float, dim: int, maxnorm: float) -> Any:
    dims = tuple(d for d in range(self.dim()) if d != dim % self.dim())
    norm = F["linalg_vector_norm"](self, p, dims, True)
    return self * F["where"](norm > maxnorm, maxnorm / (norm + 1e-7), 1.0)


@native
def cumulative_trapezoid(y: Any, x: Any = None, *, dx: float = 1, dim: int = -1) -> Any:
    """The sums of trapezoids so far."""
    count = y.shape[dim]
    left, right = (F["narrow"](y, dim, k, count - 1) for k in (0, 1))
    if x is not None:
        if x.dim() == 1:
            shape = [1] * y.dim()
            shape[dim] = count
            x = F["view"](x, shape)
        before = F["narrow"](x, dim, 0, x.shape[dim] - 1)
        dx = F["narrow"](x, dim, 1, x.shape[dim] - 1) - before
        total = F["cumsum"]((left + right) * dx, dim)
        if total._data.dtype.kind != "f":
            total = F["to_copy"](total, dtypes.get_default_dtype().numpy)
        return total / 2
    total = left + right
    if total._data.dtype.kind != "f":
        total = F["to_copy"](total, dtypes.get_default_dtype().numpy)
    return F["cumsum"](total * (dx / 2), dim)


def scalar_tensor(s: Any, *, dtype: Any = None, device: Any = None, **options: Any) -> Tensor:
    """A number as a tensor of the default dtype."""
    kind = dtype or dtypes.get_default_dtype()
    return creation.tensor(s, dtype=kind, device=device, **options)


def range_(start: Any = 0, end: Any = None, step: Any = 1, **options: Any) -> Tensor:
    """`arange` with its end, as torch's deprecated `range` has it."""
    if not step:
        raise RuntimeError("step must be nonzero")
    if (end - start) / step < 0:
        raise RuntimeError("upper bound and lower bound inconsistent with step sign")
    count = int((end - start) / step) + 1
    kind = data.dtype_argument(options.pop("dtype", None), "range") or dtypes.get_default_dtype()
    return creation.made((start + np.arange(count) * step).astype(kind.numpy), **options)


PUBLIC = {
    "block_diag": of_tensors(block_diag), "broadcast_shapes": broadcast_shapes, "bucketize": bucketize,
    "cartesian_prod": of_tensors(cartesian_prod), "cdist": cdist,
    "cumulative_trapezoid": cumulative_trapezoid,
    "isin": isin, "range": range_,
    "scalar_tensor": scalar_tensor, "searchsorted": searchsorted, "tril_indices": tril_indices,
    "triu_indices": triu_indices,
    "nonzero_static": nonzero_static, "unravel_index": unravel_index,
}  # fmt: skip
"""Functions of torch whose arguments Python binds."""
