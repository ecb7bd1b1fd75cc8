"""Reading and writing at chosen places: gather, scatter, index, masks, embeddings."""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np

from gradtui.engine import dtypes
from gradtui.engine.data import scalar_as
from gradtui.engine.errors import broadcast_shape, wrap_dim
from gradtui.engine.kernels.bare import bare
from gradtui.engine.kernels.layout import in_order, plain
from gradtui.engine.kernels.masks import choose
from gradtui.engine.kernels.shapes import clone, laid_out_like


def add_at(out: Any, places: Any, source: Any) -> None:
    """`np.add.at`, through the cells' numbers in a line, where numpy is four times as fast."""
    width = out.shape[-1] if out.ndim else 0
    if not width or source.size < 2 * width or not out.flags.c_contiguous:
        np.add.at(out, places, source)
        return
    if out.ndim == 2 and len(places) == 1 and places[0].dtype.kind == "i":
        cells = np.arange(len(out))[places[0]][..., None] * width + np.arange(width)
    else:
        cells = np.arange(out.size).reshape(out.shape)[places]
    if cells.shape != source.shape:
        np.add.at(out, places, source)
    else:
        np.add.at(out.reshape(-1), cells.ravel(), source.ravel())


# -- one place along a dimension for each entry ----------------------------------------------------


def _places(index: Any, dim: int) -> tuple[Any, ...]:
    """The full index that reads `index` along `dim`."""
    found = list(np.indices(index.shape, sparse=True))
    found[dim] = index
    return tuple(found)


def _check_gather(x: Any, dim: int, index: Any) -> None:
    if index.size == 0:
        return
    if index.dtype.kind != "i":
        raise RuntimeError("gather(): Expected dtype int32/int64 for index")
    if max(index.ndim, 1) != max(x.ndim, 1):
        raise RuntimeError("Index tensor must have the same number of dimensions as input tensor")
    for d in range(index.ndim):
        if d != dim and x.ndim and index.shape[d] > x.shape[d]:
            raise RuntimeError(
                f"Size does not match at dimension {d} expected index {list(index.shape)} to be no "
                f"larger than self {list(x.shape)} apart from dimension {dim}"
            )


def _check_bounds(index: Any, dim: int, size: int) -> None:
    bad = (index < 0) | (index >= size)
    if np.any(bad):
        first = np.asarray(index)[np.asarray(bad)].flat[0]
        raise RuntimeError(f"index {first} is out of bounds for dimension {dim} with size {size}")


def gather(x: Any, dim: int, index: Any) -> Any:
    """x at `index` along `dim`; everything else at its own place."""
    dim = wrap_dim(dim, x.ndim)
    _check_gather(x, dim, index)
    _check_bounds(index, dim, x.shape[dim] if x.ndim else 1)
    if not index.size:
        return np.empty(index.shape, x.dtype)
    if not x.ndim:
        return bare(np.broadcast_to(x, index.shape).copy())
    if not index.ndim:
        return np.asarray(x)[index]
    return x[_places(index, dim)]


def _check_scatter(x: Any, dim: int, index: Any, source: Any) -> None:
    if index.size == 0:
        return
    if index.dtype.kind != "i":
        raise RuntimeError("scatter(): Expected dtype int32/int64 for index")
    shapes = [x.shape] + ([source.shape] if hasattr(source, "shape") else [])
    if any(max(len(s), 1) != max(index.ndim, 1) for s in shapes):
        who = "src" if max(len(shapes[0]), 1) == max(index.ndim, 1) else "self"
        raise RuntimeError(f"Index tensor must have the same number of dimensions as {who} tensor")
    for d in range(index.ndim):
        too_wide = d != dim and x.ndim and index.shape[d] > x.shape[d]
        if too_wide or (len(shapes) > 1 and shapes[1] and index.shape[d] > shapes[1][d]):
            source_part = f" and to be no larger size than src {list(shapes[-1])}"
            source_part = source_part if len(shapes) > 1 else ""
            raise RuntimeError(
                f"Expected index {list(index.shape)} to be no larger than self {list(x.shape)} "
                "apart "
                ""
                f"from dimension {dim}{source_part}"
            )


def _same_dtype(name: str, x: Any, source: Any) -> None:
    if hasattr(source, "dtype") and source.dtype != x.dtype:
        raise RuntimeError(f"{name}(): Expected self.dtype to be equal to src.dtype")


def scattered(name: str, x: Any, dim: int, index: Any, source: Any, put: Any) -> Any:
    dim = wrap_dim(dim, x.ndim)
    _same_dtype(name, x, source)
    _check_scatter(x, dim, index, source)
    _check_bounds(index, dim, x.shape[dim] if x.ndim else 1)
    out = np.asarray(clone(x))
    if not np.size(index):
        return bare(out)
    flat = out.reshape(1) if not out.ndim else out
    index = np.asarray(index).reshape(1) if not np.ndim(index) else index
    if hasattr(source, "dtype"):
        source = np.asarray(source)
        source = source.reshape(1) if not source.ndim else source
        source = source[tuple(slice(0, n) for n in index.shape)]
    else:
        source = scalar_as(source, dtypes.of(x.dtype))
    put(flat, _places(index, dim), source)
    return bare(out)


def _assign(out: Any, places: Any, source: Any) -> None:
    out[places] = source


def scatter(x: Any, dim: int, index: Any, source: Any, reduce: str | None = None) -> Any:
    """A copy of x with `source` (an array or a number) put at `index` along `dim`."""
    if reduce is None:
        return scattered("scatter", x, dim, index, source, _assign)
    if reduce not in ("add", "multiply"):
        raise RuntimeError("reduce argument must be either add or multiply.")
    ufunc = np.add if reduce == "add" else np.multiply
    return scattered("scatter", x, dim, index, source, ufunc.at)


def scatter_add(x: Any, dim: int, index: Any, source: Any) -> Any:
    """A copy of x with `source` added at `index` along `dim`; repeated places add up."""
    return scattered("scatter", x, dim, index, source, add_at)


# -- whole slices along a dimension ----------------------------------------------------------------


def _check_line(name: str, x: Any, dim: int, index: Any) -> None:
    if index.ndim > 1:
        raise IndexError(f"{name}(): Index is supposed to be a vector")
    if index.dtype.kind != "i":
        raise RuntimeError(f"{name}(): Expected dtype int32 or int64 for index")


def index_select(x: Any, dim: int, index: Any) -> Any:
    dim = wrap_dim(dim, x.ndim)
    _check_line("index_select", x, dim, index)
    size = x.shape[dim] if x.ndim else 1
    if not size and index.size and x.ndim > 1:
        raise RuntimeError("index_select(): self indexing axis dim should be positive")
    if np.any((index < 0) | (index >= size)):
        raise IndexError("index out of range in self")
    if not x.ndim:
        if index.size != 1:
            raise RuntimeError(
                f"index_select(): Index to scalar can have only 1 value, got {index.size} value(s)"
            )
        return x
    return np.take(x, np.atleast_1d(index), dim)


def _lined(x: Any, dim: int, index: Any) -> tuple[Any, Any]:
    """A copy of x, and the index of the slices that `index` names along `dim`."""
    out = np.asarray(clone(x))
    at = np.atleast_1d(index)
    return out, (slice(None),) * dim + (at,)


def _along(x: Any, out: Any) -> Any:
    return out.reshape(1) if not x.ndim else out


def _checked_line(name: str, x: Any, dim: int, index: Any) -> int:
    dim = wrap_dim(dim, x.ndim)
    if index.ndim > 1:
        raise IndexError(f"{name}(): Index is supposed to be a vector, but got dim: {index.ndim}")
    size = x.shape[dim] if x.ndim else 1
    if np.any((index < -size) | (index >= size)):
        raise IndexError(f"{name}(): index out of range in self")
    return dim


def index_add(x: Any, dim: int, index: Any, source: Any, alpha: Any = 1) -> Any:
    dim = _checked_line("index_add", x, dim, index)
    _check_alike(x, dim, source)
    out, places = _lined(x, dim, index)
    part = np.asarray(source) if alpha == 1 else np.asarray(source) * source.dtype.type(alpha)
    add_at(_along(x, out), places, part.reshape(1) if not part.ndim else part)
    return bare(out)


def _check_alike(x: Any, dim: int, source: Any) -> None:
    """What is added has the sizes of x, but along the line."""
    if x.ndim > 1 and source.ndim:
        rest = [[n for i, n in enumerate(a.shape) if i != dim] for a in (x, source)]
        if rest[0] != rest[1]:
            raise RuntimeError(
                "source tensor shape must match self tensor shape, excluding the specified "
                f"dimension. Got self.shape = {list(x.shape)} source.shape = {list(source.shape)}"
            )


def index_copy(x: Any, dim: int, index: Any, source: Any) -> Any:
    dim = _checked_line("index_copy", x, dim, index)
    out, places = _lined(x, dim, index)
    _along(x, out)[places] = source
    return bare(out)


def index_fill(x: Any, dim: int, index: Any, value: Any) -> Any:
    dim = _checked_line("index_fill", x, dim, index)
    out, places = _lined(x, dim, index)
    _along(x, out)[places] = (
        value if hasattr(value, "dtype") else scalar_as(value, dtypes.of(x.dtype))
    )
    return bare(out)


# -- advanced indexing -----------------------------------------------------------------------------


def index(x: Any, indices: Any) -> Any:
    """x at an index of arrays, masks, whole slices and new dimensions."""
    try:
        _check_places(indices)
        out = x[indices]
    except IndexError as error:
        if not x.size:  # nothing is read where nothing is picked
            with contextlib.suppress(IndexError):
                out = x[_firsts(indices)]
                if not out.size:
                    return out
        raise IndexError(_out_of_bounds(x, indices, error)) from None
    if not isinstance(out, np.ndarray):
        return out
    if out.ndim < 2 or (plain(x) and all(plain(i) for i in indices if i.__class__ is np.ndarray)):
        return np.array(out, order="C")
    return _laid_out(out, x, indices)


def _laid_out(out: Any, x: Any, indices: Any) -> Any:
    """What was picked, the dimensions that were not picked from in the order of x's memory."""
    rest = x.ndim - sum(
        i.ndim if i.__class__ is np.ndarray and i.dtype.kind == "b" else 1 for i in indices
    )
    items = [*indices, *[slice(None)] * rest]
    arrays = [place for place, item in enumerate(items) if isinstance(item, np.ndarray)]
    width = out.ndim - (len(items) - len(arrays))
    together = arrays[-1] - arrays[0] + 1 == len(arrays)
    strides: list[int] = [] if together else [0] * width
    dim = 0
    for place, item in enumerate(items):
        if not isinstance(item, np.ndarray):
            strides.append(x.strides[dim])
            dim += 1
            continue
        dim += item.ndim if item.dtype.kind == "b" else 1
        if together and place == arrays[0]:
            strides += [0] * width
    begin = arrays[0] if together else 0
    shape, rest = out.shape[begin : begin + width], out.ndim - begin - width
    places = (np.zeros(shape[-1:]) if items[a].dtype.kind == "b" else items[a] for a in arrays)
    steps = [[0] * begin + [*np.broadcast_to(p, shape).strides] + [0] * rest for p in places]
    return in_order(np.array(out, order="C"), [strides, *steps])


_PLACES = frozenset({np.dtype(np.int64), np.dtype(np.int32), np.dtype(np.bool_)})


def _check_places(indices: Any) -> None:
    """Arrays that places are read from are of these dtypes."""
    for item in indices:
        if isinstance(item, np.ndarray) and item.dtype not in _PLACES:
            raise IndexError(_NO_PLACES)


_NO_PLACES = "tensors used as indices must be long, int, byte or bool tensors"


def _out_of_bounds(x: Any, indices: Any, error: IndexError) -> str:
    dim = 0
    if str(error) == _NO_PLACES:
        return _NO_PLACES
    if "broadcast" in str(error):
        shapes = [list(i.shape) for i in indices if isinstance(i, np.ndarray)]
        shown = ", ".join(str(s) for s in shapes)
        return (
            f"shape mismatch: indexing tensors could not be broadcast together with shapes {shown}"
        )
    for item in (i for i in indices if i is not None):
        wide = item.ndim if isinstance(item, np.ndarray) and item.dtype.kind == "b" else 1
        if isinstance(item, np.ndarray) and item.dtype.kind in "iu":
            bad = item[(item < -x.shape[dim]) | (item >= x.shape[dim])]
            if bad.size and not x.shape[dim]:
                return "index is out of bounds for dimension with size 0"
            if bad.size:
                return (
                    f"index {bad.flat[0]} is out of bounds for dimension {dim} with size "
                    f"{x.shape[dim]}"
                )
        if wide and isinstance(item, np.ndarray) and item.dtype.kind == "b":
            for place, n in enumerate(item.shape):
                if n != x.shape[dim + place]:
                    return (
                        f"The shape of the mask {list(item.shape)} at index {place} does not match "
                        f"the shape of the indexed tensor {list(x.shape)} at index {dim + place}"
                    )
        dim += wide
    return str(error)


def _firsts(indices: Any) -> tuple[Any, ...]:
    """An index of the same shape within any bounds."""
    return tuple(
        np.zeros_like(i) if isinstance(i, np.ndarray) and i.dtype.kind in "iu" else i
        for i in indices
    )


def index_put_shape(x: Any, values: Any, indices: Any) -> None:
    """Raises torch's error when values cannot be put at an index: kinds, shapes, then bounds."""
    inside = _firsts(indices)
    _check_places(indices)
    index(x, inside) if x.size else None
    wanted = index(x, inside if x.size else indices).shape
    try:
        np.broadcast_to(values, wanted)
    except ValueError:
        raise RuntimeError(
            f"shape mismatch: value tensor of shape {list(values.shape)} cannot be broadcast to "
            f"indexing result of shape {list(wanted)}"
        ) from None
    if values.dtype != x.dtype and not fills(values, indices):
        names = [dtypes.of(a.dtype).scalar_name for a in (x, values)]
        raise RuntimeError(
            "Index put requires the source and destination dtypes match, got "
            f"{names[0]} for the destination and {names[1]} for the source."
        )
    index(x, indices)


def fills(values: Any, indices: Any) -> bool:
    """One mask and one number: torch fills, and then converts the number."""
    arrays = [i for i in indices if isinstance(i, np.ndarray)]
    return values.size == 1 and len(arrays) == 1 and arrays[0].dtype.kind == "b"


def index_put(x: Any, values: Any, indices: Any, accumulate: bool = False) -> Any:
    """A copy of x with `values` put (or added) at an index."""
    out = np.asarray(clone(x))
    given = np.asarray(values)
    if given.dtype != x.dtype:
        index_put_shape(x, given, indices)
        given = given.astype(x.dtype)
    try:
        _check_places(indices)
        if accumulate:
            add_at(out, indices, given)
        else:
            out[indices] = given
    except (IndexError, TypeError, ValueError):
        index_put_shape(x, given, indices)
        raise
    return out


def repeated_copy(x: Any) -> Any:
    """A copy whose repeated entries still share their memory."""
    once = np.array(x[tuple(slice(0, 1) if s == 0 else slice(None) for s in x.strides)])
    strides = [0 if s == 0 else t for s, t in zip(x.strides, once.strides, strict=True)]
    return np.lib.stride_tricks.as_strided(once, x.shape, strides)


def put_shared(x: Any, values: Any, indices: Any, accumulate: bool = False) -> Any:
    """The same where entries of x share memory: each of them sees what was put at another."""
    out = repeated_copy(x)
    index_put_shape(x, values, indices)
    if accumulate:
        np.add.at(out, indices, values)
    else:
        out[indices] = values
    return out


def _check_long(name: str, index: Any) -> None:
    if index.dtype != np.int64:
        raise RuntimeError(
            f"{name}(): Expected a long tensor for index, but got "
            f"{dtypes.of(index.dtype).scalar_name}"
        )


def take(x: Any, index: Any) -> Any:
    _check_long("take", index)
    size = x.size
    if np.any((index < -size) | (index >= size)):
        raise IndexError("out of range: tried to access index on a tensor of that many elements")
    return np.asarray(x).reshape(-1)[index]


def put(x: Any, index: Any, source: Any, accumulate: bool = False) -> Any:
    _check_long("put_", index)
    out = np.array(x, order="C")
    flat, at = out.reshape(-1), np.asarray(index).reshape(-1)
    source = np.asarray(source).reshape(-1)
    if source.size != at.size:
        raise RuntimeError(
            "put_(): Expected source and index to have the same number of elements, but got "
            f"source.numel() = {source.size}, index.numel() = {at.size}"
        )
    if accumulate:
        np.add.at(flat, at, source)
    else:
        flat[at] = source
    return bare(laid_out_like(out, x))


# -- masks -----------------------------------------------------------------------------------------


def masked_fill(x: Any, mask: Any, value: Any) -> Any:
    broadcast_shape(mask.shape, x.shape)
    if not hasattr(value, "dtype"):
        value = scalar_as(value, dtypes.of(x.dtype))
    out = choose(np.asarray(mask), np.asarray(value).astype(x.dtype), x)
    return np.ascontiguousarray(out) if out.ndim else out


def masked_select(x: Any, mask: Any) -> Any:
    shape = broadcast_shape(mask.shape, x.shape)
    return np.broadcast_to(x, shape)[np.broadcast_to(mask, shape)]


def masked_scatter(x: Any, mask: Any, source: Any) -> Any:
    """A copy of x with the first entries of `source` where the mask holds."""
    shape = broadcast_shape(mask.shape, x.shape)
    out = np.array(np.broadcast_to(x, shape), order="C")
    where = np.broadcast_to(mask, shape)
    count = int(np.count_nonzero(where))
    if source.size < count:
        raise RuntimeError("Number of elements of source < number of ones in mask")
    out[where] = np.asarray(source).reshape(-1)[:count]
    return bare(out)


def embedding(weight: Any, indices: Any) -> Any:
    if indices.size and (indices.max() >= weight.shape[0] or indices.min() < 0):
        raise IndexError("index out of range in self")
    return np.array(weight[indices], order="C")


def embedding_backward(
    grad: Any, indices: Any, rows: int, padding: int, by_frequency: bool = False
) -> Any:
    """The rows of the cotangent summed into the rows of a weight; the padding row stays zero."""
    flat = np.asarray(indices).reshape(-1)
    parts = grad.reshape(flat.size, grad.shape[-1])
    keep = flat != padding
    flat, parts = flat[keep], parts[keep]
    if by_frequency and flat.size:
        parts = parts / np.bincount(flat)[flat][:, None].astype(grad.dtype)
    out = np.zeros((rows, grad.shape[-1]), grad.dtype)
    add_at(out, (flat,), parts)
    return out
