"""What data say about where they come from: quantiles, histograms, covariances, slopes.

Each is what torch does, operation for operation, so that the graph is torch's too.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from gradtui.engine import dtypes, errors, state
from gradtui.engine.conversion import REFUSE
from gradtui.engine.creation import linspace
from gradtui.engine.dispatch import return_type
from gradtui.engine.lift import FUNCTIONS as F
from gradtui.engine.lift import native
from gradtui.engine.rows import composite
from gradtui.engine.signature import is_int
from gradtui.engine.tensor import TENSORS, wrap

# -- quantiles -------------------------------------------------------------------------------------

_ROUNDING = ("linear", "lower", "higher", "midpoint", "nearest")
_SETTINGS = 'int64_t? dim=None, bool keepdim=False, *, str interpolation="linear")'


def _quantiles(
    name: str, x: Any, q: Any, dim: int | None, keepdim: bool, how: str, skip_nan: bool
) -> Any:
    """`quantile_impl` of ATen/native/Sorting.cpp."""
    if q.__class__ not in TENSORS:
        if not 0 <= q <= 1:
            raise RuntimeError(f"quantile() q must be in the range [0, 1] but got {q:g}")
        q = wrap(np.asarray(q, x._data.dtype if x._data.dtype.kind == "f" else np.float32)[()])
    _check_quantile(x, q, how)
    axis = errors.wrap_dim(dim or 0, x.dim())
    shape = [1] * x.dim() if keepdim else []
    if dim is not None and x.dim():
        shape = list(x.shape)
        shape[axis : axis + 1] = [1] if keepdim else []
    if dim is None:
        ordered = F["sort"](F["flatten"](x))[0]
    elif axis == x.dim() - 1:
        ordered = F["sort"](x)[0]
    else:
        ordered = F["sort"](x.unsqueeze(-1).transpose(axis, -1))[0]
    ordered = ordered.view((*shape, ordered.shape[-1]))
    values = _read(ordered, _ranks(ordered, q, skip_nan), how)
    if not q.dim():
        return values.squeeze_(-1)
    return values.unsqueeze_(0).transpose_(0, -1).squeeze_(-1)


def _check_quantile(x: Any, q: Any, how: str) -> None:
    if not x._data.size:
        raise RuntimeError("quantile() input tensor must be non-empty")
    if q.dim() > 1:
        raise RuntimeError("quantile() q must be a scalar or 1D tensor")
    if x.dtype not in (dtypes.float32, dtypes.float64):
        raise RuntimeError("quantile() input tensor must be either float or double dtype")
    if q.dtype is not x.dtype:
        raise RuntimeError("quantile() q tensor must be same dtype as the input tensor")
    if how not in _ROUNDING:
        raise RuntimeError(
            "quantile() interpolation must be one of linear, lower, higher, midpoint or nearest, "
            f"but got {how}"
        )
    if not ((q._data >= 0) & (q._data <= 1)).all():
        raise RuntimeError("quantile() q values must be in the range [0, 1]")


def _ranks(ordered: Any, q: Any, skip_nan: bool) -> Any:
    """Places in what is sorted; nan comes last, and where it counts it is what is read."""
    nan = F["isnan"](ordered)
    if skip_nan:
        ranks = q * (F["logical_not"](nan).sum(-1, True) - 1)
        return ranks.masked_fill_(ranks < 0, 0)
    last = ordered.shape[-1] - 1
    wide, some = F["broadcast_tensors"](q * last, F["any"](nan, -1, True))
    return F["masked_fill"](wide, some, last)


def _read(ordered: Any, ranks: Any, how: str) -> Any:
    turn = {"lower": "floor_", "higher": "ceil_", "nearest": "round_"}.get(how)
    if turn is not None:
        getattr(ranks, turn)()
    below = ranks.long()
    values = F["gather"](ordered, -1, below)
    if turn is not None:
        return values
    weights = _half(ranks) if how == "midpoint" else ranks - below
    above = F["gather"](ordered, -1, ranks.ceil_().long())
    return values.lerp_(above, weights)


def _half(like: Any) -> Any:
    return wrap(np.full_like(like._data, 0.5))


@composite(
    f"quantile(Tensor self, Tensor q, {_SETTINGS}", f"quantile(Tensor self, double q, {_SETTINGS}"
)
def quantile(self: Any, q: Any, dim: int | None, keepdim: bool, interpolation: str) -> Any:
    """The values below which shares q of a line lie."""
    return _quantiles("quantile", self, q, dim, keepdim, interpolation, False)


@composite(
    f"nanquantile(Tensor self, Tensor q, {_SETTINGS}",
    f"nanquantile(Tensor self, double q, {_SETTINGS}",
)
def nanquantile(self: Any, q: Any, dim: int | None, keepdim: bool, interpolation: str) -> Any:
    """The same without what is not a number."""
    return _quantiles("nanquantile", self, q, dim, keepdim, interpolation, True)


# -- histograms ------------------------------------------------------------------------------------


def _span(values: Any, low: float, high: float, reach: float) -> tuple[float, float]:
    """The range that bins divide: by default that of the values, widened where it is a point."""
    if low == high and not values.size:
        return (0, 1) if reach < 1 else (low - reach, high + reach)
    if low == high:
        low, high = float(values.min()), float(values.max())
    return (low - reach, high + reach) if low == high else (low, high)


@composite("histc(Tensor self, int64_t bins=100, Number min=0, Number max=0)")
def histc(self: Any, bins: int, min: float, max: float) -> Any:
    values = self._data
    if bins <= 0:
        raise RuntimeError(f"torch.histogram(): bins must be > 0, but got {bins} for dimension 0")
    if values.dtype.kind != "f":
        raise NotImplementedError(
            f"\"histogram_cpu\" not implemented for '{self.dtype.scalar_name}'"
        )
    low, high = _span(values, min, max, 1)
    if not (math.isfinite(low) and math.isfinite(high)):
        raise RuntimeError(f"torch.histc: range of [{low:g}, {high:g}] is not finite")
    if low > high:
        raise RuntimeError("torch.histc: max must be larger than min")
    counted, _ = np.histogram(values, bins, (low, high))
    return wrap(counted.astype(values.dtype))


def histogram(
    input: Any, bins: Any = 100, *, range: Any = None, weight: Any = None, density: bool = False
) -> Any:
    """How many entries lie in each bin (or what they weigh), and the edges of the bins."""
    if state.duals:
        REFUSE[0]("histogram", input, known=False)
    values, kind = input._data.reshape(-1), input._data.dtype
    if kind.kind != "f":
        raise NotImplementedError(
            f"\"histogram_cpu\" not implemented for '{input.dtype.scalar_name}'"
        )
    if bins.__class__ in TENSORS:
        edges = bins._data
    else:
        low, high = (0.0, 0.0) if range is None else (float(v) for v in range)
        low, high = _span(values, low, high, 0.5)
        edges = linspace(low, high, bins + 1, dtype=input.dtype)._data
    weights = None if weight is None else weight._data.reshape(-1)
    counted, _ = np.histogram(values, edges, weights=weights)
    found = counted.astype(kind)
    if density:
        found = found / (found.sum() * np.diff(edges)).astype(kind)
    made = return_type("histogram", ("hist", "bin_edges"))
    return made(wrap(found), wrap(edges))


# -- covariances -----------------------------------------------------------------------------------


def _weights(name: str, w: Any, kind: str, count: int) -> None:
    if w.dim() > 1:
        raise RuntimeError(
            f"cov(): expected {name} to have one or fewer dimensions but got {name} with {w.dim()} "
            "dimensions"
        )
    if w._data.dtype.kind not in kind:
        wanted = "floating point" if kind == "f" else "integral"
        raise RuntimeError(
            f"cov(): expected {name} to have {wanted} dtype but got {name} with "
            f"{w.dtype.scalar_name} dtype"
        )
    if w._data.size != count:
        raise RuntimeError(
            f"cov(): expected {name} to have the same numel as there are observations in the input "
            f"but got {w._data.size} != {count}"
        )
    if count and not (w._data >= 0).all():
        raise RuntimeError(f"cov(): {name} cannot be negative")


@composite(
    "cov(Tensor self, *, int64_t correction=1, Tensor? fweights=None, Tensor? aweights=None)"
)
def cov(self: Any, correction: int, fweights: Any, aweights: Any) -> Any:
    if self.dim() > 2:
        raise RuntimeError(
            "cov(): expected input to have two or fewer dimensions but got an input with "
            f"{self.dim()} dimensions"
        )
    if self._data.dtype.kind == "b":
        raise RuntimeError("cov(): bool dtype is not supported for input")
    x = self if self.dim() == 2 else F["view"](self, (1, -1))
    count = x.shape[1]
    w: Any = None
    if fweights is not None:
        _weights("fweights", fweights, "iu", count)
        w = fweights
    if aweights is not None:
        _weights("aweights", aweights, "f", count)
        w = aweights if w is None else w * aweights
    total: Any = wrap(np.asarray(count)[()]) if w is None else F["sum"](w)
    if w is not None and not total._data:
        raise RuntimeError("cov(): weights sum to zero, can't be normalized")
    mean = F["sum"](x if w is None else x * w, 1) / total
    if aweights is not None and correction != 0:
        norm = total - correction * F["sum"](w * aweights) / total
    else:
        norm = total - correction if correction else total
    if norm._data <= 0:
        warnings.warn(
            "cov(): degrees of freedom is <= 0. Correction should be strictly less than the number "
            "of observations.",
            stacklevel=4,
        )
        norm = wrap(np.zeros_like(norm._data))
    centred = x - F["unsqueeze"](mean, 1)
    found = F["mm"](centred, F["t"](centred if w is None else centred * w))
    return F["squeeze"](F["div"](found, norm))


@composite("corrcoef(Tensor self)")
def corrcoef(self: Any) -> Any:
    if self.dim() > 2:
        raise RuntimeError(
            "corrcoef(): expected input to have two or fewer dimensions but got an input with "
            f"{self.dim()} dimensions"
        )
    found = F["cov"](self)
    if not found.dim():
        return found / found
    spread = F["sqrt"](F["diagonal"](found))
    found = found / F["view"](spread, (-1, 1))
    found = found / F["view"](spread, (1, -1))
    return found.clip(-1, 1)


# -- slopes ----------------------------------------------------------------------------------------


def _part(x: Any, dim: int, start: int, end: int | None = None) -> Any:
    size = x.shape[dim]
    return F["slice"](x, dim, *slice(start, end).indices(size)[:2], 1)


def _gap(x: Any, dim: int, right: tuple[Any, ...], left: tuple[Any, ...]) -> Any:
    """The difference of two parts; torch's compiled code takes the second one first."""
    second = _part(x, dim, *left)
    return _part(x, dim, *right) - second


def _mixed(x: Any, dim: int, *terms: tuple[Any, tuple[Any, ...]]) -> Any:
    """Parts times factors, summed; the last is computed first."""
    made = [factor * _part(x, dim, *part) for factor, part in reversed(terms)]
    total = made.pop()
    while made:
        total = total + made.pop()
    return total


_FIRST: tuple[tuple[int, int | None], ...] = ((0, 1), (1, 2), (2, 3))
_LAST: tuple[tuple[int, int | None], ...] = ((-3, -2), (-2, -1), (-1, None))


def _over(x: Any, number: float) -> Any:
    """x / number, integers as the default float first."""
    if x._data.dtype.kind != "f":
        x = F["to_copy"](x, dtypes.get_default_dtype().numpy)
    return x / number


def _evenly(x: Any, dim: int, step: float, order: int) -> Any:
    """Central differences of points that lie evenly; the edges are of the order asked for."""
    centre = _over(_gap(x, dim, (2,), (0, -2)), step)
    if order == 1:
        first = _over(_gap(x, dim, (1, 2), (0, 1)), step)
        last = _over(_gap(x, dim, (-1,), (-2, -1)), step)
    else:
        c, b, a = (f * _part(x, dim, *p) for f, p in zip((0.5, 2, -1.5), _FIRST[::-1], strict=True))
        first = (a + b - c) / step
        c, b, a = (f * _part(x, dim, *p) for f, p in zip((1.5, 2, 0.5), _LAST[::-1], strict=True))
        last = (a - b + c) / step
    return F["cat"]([first, centre / 2, last], dim)


def _unevenly(x: Any, dim: int, places: Any, order: int) -> Any:
    """The same of points at the places given: slopes of the parabola through three neighbours."""
    shape = [1] * x.dim()
    shape[dim] = -1
    steps = F["diff"](places, 1, 0)
    s, t = _part(steps, 0, 0, -1), _part(steps, 0, 1)
    a = F["reshape"](-t / (s * (s + t)), shape)
    b = F["reshape"]((t - s) / (s * t), shape)
    c = F["reshape"](s / (t * (s + t)), shape)
    centre = _mixed(x, dim, (a, (0, -2)), (b, (1, -1)), (c, (2,)))
    if order == 1:
        first = _gap(x, dim, (1, 2), (0, 1)) / steps[0]
        last = _gap(x, dim, (-1,), (-2, -1)) / steps[-1]
        return F["cat"]([first, centre, last], dim)
    s, t = steps[0], steps[1]
    a, b, c = -(2.0 * s + t) / (s * (s + t)), (s + t) / (s * t), (-s) / (t * (s + t))
    first = _mixed(x, dim, *zip((a, b, c), _FIRST, strict=True))
    s, t = steps[-1], steps[-2]
    a, b, c = s / (t * (s + t)), -(s + t) / (s * t), (2 * s + t) / (s * (s + t))
    last = _mixed(x, dim, *zip((a, b, c), _LAST, strict=True))
    return F["cat"]([first, centre, last], dim)


@native
def gradient(
    input: Any, *, spacing: Any = None, dim: Any = None, edge_order: int = 1
) -> tuple[Any, ...]:
    """Central differences along each dimension, one-sided at the edges."""
    ndim = input.dim()
    dims: Sequence[int] = [dim] if is_int(dim) else range(ndim) if dim is None else list(dim)
    many = isinstance(spacing, (list, tuple))
    given = list(spacing) if many else [1 if spacing is None else spacing] * len(dims)
    if many and is_int(dim) and len(given) == 1:
        given = given * len(dims)
    _check_gradient(input, len(given), dim, dims, edge_order)
    found = []
    for d, step in zip(dims, given, strict=True):
        axis = errors.wrap_dim(d, ndim)
        slope = _unevenly if step.__class__ in TENSORS else _evenly
        found.append(slope(input, axis, step, edge_order))
    return tuple(found)


def _check_gradient(x: Any, count: int, dim: Any, dims: Sequence[int], order: int) -> None:
    if x.dtype is dtypes.uint8:
        raise RuntimeError("torch.gradient does not support uint8 input.")
    if dim is None and count != x.dim():
        raise RuntimeError(
            "torch.gradient expected spacing to be unspecified, a scalar, or a list of length equal "
            f"to 'self.dim() = {x.dim()}', since dim argument was not given, but got a list of "
            f"length {count}"
        )
    if dim is not None and count != len(dims):
        raise RuntimeError(
            "torch.gradient expected spacing to be unspecified, a scalar or it's spacing and dim "
            f"arguments to have the same length, but got a spacing argument of length {count} and "
            f"a dim argument of length {len(dims)}."
        )
    if order not in (1, 2):
        raise RuntimeError("torch.gradient only supports edge_order=1 and edge_order=2.")
    errors.dims_of(tuple(dims), x.dim())
    if any(x.shape[d] < order + 1 for d in dims):
        raise RuntimeError(
            "torch.gradient expected each dimension size to be at least edge_order+1"
        )


PUBLIC = {"gradient": gradient, "histogram": histogram}
"""Functions of torch whose arguments Python binds."""
