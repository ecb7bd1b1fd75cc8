"""The entries to a backward pass, `backward` and `grad`, and their checks."""

from __future__ import annotations

import itertools
import operator
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gradtui.engine import dtypes, errors, state
from gradtui.engine.autograd.edges import kept_alone, listed, named_or_listed, required
from gradtui.engine.backward import walk
from gradtui.engine.grad_types import in_their_types
from gradtui.engine.kernels.places import repeated_copy
from gradtui.engine.kernels.shapes import root
from gradtui.engine.lift import FUNCTIONS, zeros_like
from gradtui.engine.paths import Targets
from gradtui.engine.tensor import TENSORS, Tensor, edge, requires, wrap
from gradtui.engine.views import as_view


def backward(
    tensors: Any,
    grad_tensors: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    grad_variables: Any = None,
    inputs: Any = None,
) -> None:
    """Accumulates into the leaves (or `inputs`) the sum of v·J over `tensors`."""
    if (
        tensors.__class__ in TENSORS
        and grad_tensors is None
        and inputs is None
        and not create_graph
        and not state.transforms
    ):
        vector = _one_like(tensors._data)
        end = None if vector is None else edge(tensors)
        if end is not None:
            walk([(end, vector)], retain_graph is not None and _flag(retain_graph), False, None)
            return
    if state.transforms:
        raise RuntimeError(_TRANSFORMED)
    if grad_variables is not None:
        grad_tensors = _renamed(grad_tensors, grad_variables)
    wanted = None if inputs is None else named_or_listed(inputs, "backward")
    outputs = listed(tensors)
    vectors = _vectors(outputs, _grads_for(outputs, grad_tensors), create_graph)
    keep = _flag(create_graph if retain_graph is None else retain_graph)
    roots = _roots(outputs, vectors, create_graph)
    targets = None
    if wanted is not None:
        for tensor in kept_alone(wanted):
            tensor.retain_grad()
        ends = [edge(t) for t in listed(wanted)]
        targets = Targets(ends, [r[0] for r in roots], accumulate=True)
    if roots:
        walk(roots, keep, create_graph, targets)


def _flag(value: Any) -> bool:
    """A switch as torch's binding takes it: whatever passes for an integer."""
    return bool(operator.index(value))


_TRANSFORMED = (
    "backward() called inside a functorch transform. This is not supported, please use "
    "functorch.grad or functorch.vjp instead or call backward() outside of functorch transforms."
)


def _renamed(grad_tensors: Any, grad_variables: Any) -> Any:
    """What came by the old name of `grad_tensors`."""
    warnings.warn(
        "`grad_variables` is deprecated. Use `grad_tensors` instead.", FutureWarning, stacklevel=3
    )
    if grad_tensors is not None:
        raise RuntimeError(
            "`grad_tensors` and `grad_variables` (deprecated) arguments both passed to `backward()`. "
            "Please only use `grad_tensors`."
        )
    return grad_variables


def backward_from(
    self: Tensor,
    gradient: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Any = None,
) -> None:
    """Adds d self / d leaf, times `gradient`, to the `.grad` of every leaf self depends on."""
    backward(self, gradient, retain_graph, create_graph, None, inputs)


_ONES = {kind: kind(1) for kind in (np.float32, np.float64)}


def _one_like(data: Any) -> Any:
    """The cotangent a backward pass starts from by itself: 1, for a single number."""
    ready = _ONES.get(data.__class__)
    if ready is not None:
        return ready
    if data.size != 1 or data.dtype.kind != "f":
        return None
    return np.ones(data.shape, data.dtype) if data.ndim else data.dtype.type(1)


def _wanted(inputs: list[Any]) -> list[Any]:
    """What is to be differentiated by, checked."""
    for tensor in inputs:
        if not requires(required(tensor)):
            raise RuntimeError("One of the differentiated Tensors does not require grad")
    return inputs


def grad(
    outputs: Any,
    inputs: Any,
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    only_inputs: bool = True,
    allow_unused: bool | None = None,
    is_grads_batched: bool = False,
    materialize_grads: bool = False,
) -> Any:
    """The gradients of `outputs` with respect to `inputs`, without touching any `.grad`.

    A tuple of them; of a dict of inputs a dict.
    """
    if allow_unused is False and materialize_grads:
        raise ValueError(
            "Expected allow_unused to be True or not passed when materialize_grads=True, but got: "
            "allow_unused=False."
        )
    outs, wanted = listed(outputs), listed(named_or_listed(inputs, "grad"))
    unused = allow_unused or materialize_grads
    if is_grads_batched:
        vectors = [] if grad_outputs is None else listed(grad_outputs)
        found = _batched(outs, wanted, vectors, retain_graph, create_graph, unused)
    else:
        vectors = _vectors(outs, _grads_for(outs, grad_outputs), create_graph)
        keep = _flag(create_graph if retain_graph is None else retain_graph)
        roots = _roots(outs, vectors, create_graph)
        found = in_their_types(wanted, _gradients(roots, _wanted(wanted), keep, create_graph))
        if not unused:
            _check_used(found)
    found = _materialized(found, wanted) if materialize_grads else found
    return dict(zip(inputs, found, strict=True)) if type(inputs) is dict else found


def _materialized(found: Sequence[Any], wanted: list[Any]) -> tuple[Any, ...]:
    """Zeros for the inputs that were not used."""
    return tuple(zeros_like(t) if g is None else g for g, t in zip(found, wanted, strict=True))


def _batched(
    outs: list[Any],
    wanted: list[Any],
    vectors: list[Any],
    retain: Any,
    create: bool,
    unused: Any,
) -> tuple[Any, ...]:
    """One pass for each row of the vectors, the last of which lets go; the results stacked."""
    count = _batch_size(outs, vectors)
    rows = [
        grad(
            outs,
            wanted,
            [v[i] for v in vectors],
            retain if i == count - 1 else True,
            create,
            allow_unused=unused,
        )
        for i in range(count)
    ]
    return tuple(
        None if column[0] is None else FUNCTIONS["stack"](list(column))
        for column in zip(*rows, strict=True)
    )


def _batch_size(outs: list[Any], vectors: list[Any]) -> int:
    """How many rows there are, once every row of every vector fits its output."""
    for index, (out, v) in enumerate(itertools.zip_longest(outs, vectors)):
        if v is None:
            _implicit(out, index)
            raise ValueError(_NO_BATCH)
        if out is not None and v[0].shape != out.shape:
            raise RuntimeError(_BATCH_MISMATCH.format(index, v[0].shape[1:], out.shape))
    sizes = [len(v) for v in vectors]
    if len(set(sizes)) > 1:
        raise ValueError(
            "vmap: Expected all tensors to have the same size in the mapped dimension, got sizes "
            f"{sizes} for the mapped dimension"
        )
    return sizes[0]


_NO_BATCH = (
    "vmap(vjp, in_dims=0, ...)(<inputs>): Got in_dim=0 for some input, but that input is a Tensor "
    "of dimensionality 0 so expected in_dim to satisfy 0 <= in_dim < 0."
)
_BATCH_MISMATCH = (
    "If `is_grads_batched=True`, we interpret the first dimension of each grad_output as the batch "
    "dimension. The sizes of the remaining dimensions are expected to match the shape of "
    "corresponding output, but a mismatch was detected: grad_output[{0}] has a shape of {1} and "
    "output[{0}] has a shape of {2}. If you only want some tensors in `grad_output` to be considered "
    "batched, consider using vmap."
)


def rows_of(out: Any, wanted: Sequence[Any], vectors: Any) -> list[Any]:
    """For each of `wanted` its gradients for every vector, stacked; None where it was not used.

    `vectors` is an array whose first dimension counts cotangents of `out`. What leads where is
    found out once for all of them.
    """
    if not requires(out):
        return [None] * len(wanted)
    targets = Targets([edge(t) for t in wanted], [edge(out)])
    columns: list[list[Any]] = [[] for _ in wanted]
    for vector in vectors:
        targets.caught = dict.fromkeys(targets.keys)
        walk([(edge(out), vector)], True, False, targets)
        for column, key in zip(columns, targets.keys, strict=True):
            found = targets.caught[key]
            column.append(found._data if isinstance(found, Tensor) else found)
    return [None if c and c[0] is None else np.stack(c) if c else None for c in columns]


def _check_used(found: Sequence[Any]) -> None:
    for index, gradient in enumerate(found):
        if gradient is None:
            raise RuntimeError(
                f"The differentiated Tensor at index {index} appears to not have been used in the "
                "graph. Set allow_unused=True if this is the desired behavior."
            )


def _gradients(roots: Any, wanted: list[Any], keep: bool, create: bool) -> tuple[Any, ...]:
    targets = Targets([edge(t) for t in wanted], [r[0] for r in roots])
    walk(roots, keep, create, targets)
    caught, versions = targets.caught, targets.versions
    if len(caught) == 1:
        return (_fresh(caught[targets.keys[0]], create, versions),) * len(targets.keys)
    made: dict[int, Any] = {}  # what arrived in two places is one tensor
    for gradient in caught.values():
        if id(gradient) not in made:
            made[id(gradient)] = _fresh(gradient, create, versions)
    return tuple(made[id(caught[k])] for k in targets.keys)


def _fresh(gradient: Any, create: bool, versions: Mapping[int, int]) -> Any:
    """A gradient as a tensor, of the version it was given while the pass ran."""
    if gradient is None or create or gradient.__class__ in TENSORS:
        return gradient
    base = gradient.base if gradient.__class__ is np.ndarray else None
    if base is None or getattr(base, "dtype", None) is not gradient.dtype:
        return _versioned(wrap(gradient), versions)
    if not gradient.flags.writeable:  # one number for all entries
        gradient = repeated_copy(gradient)
    made = as_view(gradient, _versioned(wrap(root(gradient)), versions), "")
    made.aside().creation = "no_grad"  # as what a pass made without recording it
    return made


def _versioned(tensor: Tensor, versions: Mapping[int, int]) -> Tensor:
    if versions and tensor._ver >= 0:
        tensor._ver = versions.get(id(tensor._data), 0)
    return tensor


def _grads_for(outputs: list[Any], given: Any) -> list[Any]:
    if given is None:
        return [None] * len(outputs)
    if given.__class__ in TENSORS:
        return [given]
    return list(given)


def _vectors(outputs: list[Any], given: list[Any], create: bool) -> list[Any]:
    """The starting cotangents: those given, checked, or ones for scalars."""
    vectors = [
        _implicit(out, i) if v is None else _explicit(out, v, i)
        for i, (out, v) in enumerate(zip(outputs, given, strict=False))
    ]
    if len(vectors) != len(outputs):
        raise RuntimeError(f"got {len(outputs)} tensors and {len(vectors)} gradients")
    return vectors


def _implicit(out: Tensor, index: int) -> Any:
    if not isinstance(out, Tensor):
        raise AssertionError("Expected output to be a torch.Tensor")
    if requires(out):
        if out._data.size != 1:
            raise RuntimeError("grad can be implicitly created only for scalar outputs")
        if out._data.dtype.kind != "f":
            raise RuntimeError(
                f"grad can be implicitly created only for real scalar outputs but got {out.dtype}"
            )
    kind = out._data.dtype
    return wrap(np.ones(out._data.shape, kind) if out._data.ndim else kind.type(1))


def _explicit(out: Tensor, vector: Any, index: int) -> Any:
    if not isinstance(out, Tensor):
        raise AssertionError("Expected output to be a torch.Tensor")
    if not isinstance(vector, Tensor):
        raise TypeError(f"gradients can be either Tensors or None, but got {type(vector).__name__}")
    if vector._data.shape != out._data.shape:
        raise RuntimeError(
            f"Mismatch in shape: grad_output[{index}] has a shape of {vector.shape} and "
            f"output[{index}] has a shape of {out.shape}."
        )
    return vector


def _roots(outputs: list[Any], vectors: list[Any], create: bool) -> list[tuple[Any, Any]]:
    roots = []
    for index, (out, vector) in enumerate(zip(outputs, vectors, strict=True)):
        end = edge(out)
        if end is None:
            raise RuntimeError(errors.NO_GRAD.format(index))
        data = vector._data
        if data.dtype != out._data.dtype:
            vector = (
                vector.to(dtypes.of(out._data.dtype))
                if create
                else wrap(data.astype(out._data.dtype))
            )
        roots.append((end, vector if create else vector._data))
    return roots
