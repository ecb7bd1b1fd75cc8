"""Functions that put tensors together or search in them: products of sets, blocks, places, bins."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from gradtui.engine import creation, data, dtypes, errors
from gradtui.engine.lift import FUNCTIONS as F
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
    blocks = [F["atleast_2d"](t) for t in tensors]
    width = sum(b.shape[1] for b in blocks)
    rows, start = [], 0
    for block in blocks:
        end = start + block.shape[1]
        rows.append(F["constant_pad_nd"](block, (start, width - end), 0))
        start = end
    return F["cat"](rows, 0)


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
    rows = np.array(list(choose(range(self.shape[0]), r)), np.int64).reshape(-1, r)
    columns = [F["index_select"](self, 0, wrap(rows[:, k].copy())) for k in range(r)]
    return F["stack"](columns, 1) if r else wrap(np.zeros(0, self._data.dtype))


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
    count = x.shape[0] if N is None else N
    powers = F["stack"]([x**n for n in range(count)], -1)
    return powers if increasing else F["flip"](powers, (-1,))


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
    return searchsorted(boundaries, input, out_int32=out_int32, right=right)


def isin(
    elements: Any, test_elements: Any, *, assume_unique: bool = False, invert: bool = False
) -> Any:
    """Whether each entry is one of the others."""
    here, there = (e._data if e.__class__ in TENSORS else e for e in (elements, test_elements))
    return wrap(np.isin(here, there, invert=invert)[()])


# -- quantiles and histograms ----------------------------------------------------------------------

_ROUNDING = ("linear", "lower", "higher", "midpoint", "nearest")


def quantile(
    input: Any,
    q: Any,
    dim: int | None = None,
    keepdim: bool = False,
    *,
    interpolation: str = "linear",
) -> Any:
    """The value below which a share q of a line lies."""
    if interpolation not in _ROUNDING:
        raise RuntimeError(
            "quantile() interpolation must be one of linear, lower, higher, midpoint or nearest, "
            f"but got {interpolation}"
        )
    shares = np.asarray(q._data if q.__class__ in TENSORS else q, np.float64)
    if ((shares < 0) | (shares > 1)).any():
        told = "" if shares.ndim else f" but got {float(shares):g}"
        which = "q values" if shares.ndim else "q"
        raise RuntimeError(f"quantile() {which} must be in the range [0, 1]{told}")
    line = F["flatten"](input) if dim is None else F["movedim"](input, dim, -1)
    ordered = F["sort"](line, -1)[0]
    found = [_at(ordered, float(s), interpolation) for s in shares.ravel()]
    if keepdim:
        found = [_kept(f, dim, input.dim()) for f in found]
    return found[0] if not shares.ndim else F["stack"](found, 0)


def _at(ordered: Any, share: float, interpolation: str) -> Any:
    place = share * (ordered.shape[-1] - 1)
    low, high = int(np.floor(place)), int(np.ceil(place))
    if interpolation in ("lower", "higher", "nearest"):
        chosen = {"lower": low, "higher": high, "nearest": int(np.round(place))}[interpolation]
        return F["select"](ordered, -1, chosen)
    weight = 0.5 if interpolation == "midpoint" else place - low
    return F["lerp"](F["select"](ordered, -1, low), F["select"](ordered, -1, high), weight)


def _kept(x: Any, dim: int | None, ndim: int) -> Any:
    if dim is None:
        return F["reshape"](x, (1,) * ndim)
    return F["unsqueeze"](x, dim)


@composite("histc(Tensor self, int64_t bins=100, Number min=0, Number max=0)")
def histc(self: Any, bins: int, min: float, max: float) -> Any:
    values = self._data
    low, high = (min, max) if min != max else (float(values.min()), float(values.max()))
    low, high = (low - 1, high + 1) if low == high else (low, high)
    counted, _ = np.histogram(values, bins, (low, high))
    return wrap(counted.astype(values.dtype))


# -- covariances -----------------------------------------------------------------------------------


@composite(
    "cov(Tensor self, *, int64_t correction=1, Tensor? fweights=None, Tensor? aweights=None)"
)
def cov(self: Any, correction: int, fweights: Any, aweights: Any) -> Any:
    if fweights is not None or aweights is not None:
        raise errors.unsupported("cov with weights", "cov(input, correction=1)")
    kind = self if self._data.dtype.kind == "f" else self.to(dtypes.get_default_dtype())
    rows = F["view"](kind, (1, -1)) if self.dim() < 2 else kind
    centred = rows - F["mean"](rows, (1,), True)
    found = F["mm"](centred, F["t"](centred)) / max(rows.shape[1] - correction, 0)
    return F["squeeze"](found)


@composite("corrcoef(Tensor self)")
def corrcoef(self: Any) -> Any:
    found = cov(self, 1, None, None)
    if not found.dim():
        return found / found
    spread = F["sqrt"](F["diagonal"](found))
    found = found / F["unsqueeze"](spread, 1) / F["unsqueeze"](spread, 0)
    return F["clamp"](found, -1, 1)


# -- lines and sums --------------------------------------------------------------------------------


@composite("msort(Tensor self)")
def msort(self: Any) -> Any:
    return F["sort"](self, 0)[0]


@composite("ldexp(Tensor self, Tensor other)")
def ldexp(self: Any, other: Any) -> Any:
    return F["mul"](self, F["pow"](2.0, other))


@composite("renorm(Tensor self, Number p, int64_t dim, Number maxnorm)")
def renorm(self: Any, p: float, dim: int, maxnorm: float) -> Any:
    dims = tuple(d for d in range(self.dim()) if d != dim % self.dim())
    norm = F["linalg_vector_norm"](self, p, dims, True)
    return self * F["where"](norm > maxnorm, maxnorm / (norm + 1e-7), 1.0)


def cumulative_trapezoid(y: Any, x: Any = None, *, dx: float = 1, dim: int = -1) -> Any:
    """The sums of trapezoids so far."""
    count = y.shape[dim]
    left, right = (F["narrow"](y, dim, k, count - 1) for k in (0, 1))
    if x is not None:
        width = F["diff"](x, 1, -1)
        shape = [1] * y.dim()
        shape[dim] = count - 1
        dx = F["reshape"](width, shape) if x.dim() == 1 else width
    return F["cumsum"]((left + right) * dx, dim) / 2


def gradient(
    input: Any, *, spacing: Any = 1, dim: Any = None, edge_order: int = 1
) -> tuple[Any, ...]:
    """Central differences along each dimension, one-sided at the edges."""
    dims: Sequence[int] = (
        range(input.dim()) if dim is None else [dim] if isinstance(dim, int) else list(dim)
    )
    given = spacing if isinstance(spacing, (list, tuple)) else [spacing] * len(dims)
    if edge_order != 1 or any(s.__class__ in TENSORS for s in given):
        raise errors.unsupported("gradient of this order or spacing", "gradient(x, spacing=2.0)")
    return tuple(_difference(input, d, s) for d, s in zip(dims, given, strict=True))


def _difference(x: Any, dim: int, step: float) -> Any:
    count = x.shape[dim]

    def part(start: int, length: int) -> Any:
        return F["narrow"](x, dim, start, length)

    first, last = part(1, 1) - part(0, 1), part(count - 1, 1) - part(count - 2, 1)
    inner = (part(2, count - 2) - part(0, count - 2)) / 2
    return F["cat"]([first, inner, last], dim) / step


def scalar_tensor(s: Any, *, dtype: Any = None, device: Any = None, **options: Any) -> Tensor:
    """A number as a tensor of the default dtype."""
    kind = dtype or dtypes.get_default_dtype()
    return creation.tensor(s, dtype=kind, device=device, **options)


def range_(start: Any = 0, end: Any = None, step: Any = 1, **options: Any) -> Tensor:
    """`arange` with its end, as torch's deprecated `range` has it."""
    start, end = (0, start) if end is None else (start, end)
    count = int((end - start) / step) + 1
    kind = data.dtype_argument(options.pop("dtype", None), "range") or dtypes.get_default_dtype()
    return creation.made((start + np.arange(count) * step).astype(kind.numpy), **options)


PUBLIC = {
    "block_diag": block_diag, "broadcast_shapes": broadcast_shapes, "bucketize": bucketize,
    "cartesian_prod": cartesian_prod, "cdist": cdist, "cumulative_trapezoid": cumulative_trapezoid,
    "gradient": gradient, "isin": isin, "quantile": quantile, "range": range_,
    "scalar_tensor": scalar_tensor, "searchsorted": searchsorted, "tril_indices": tril_indices,
    "triu_indices": triu_indices,
}  # fmt: skip
"""Functions of torch whose arguments Python binds."""
