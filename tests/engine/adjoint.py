"""Runs of every row, collected from programs, and the two ways to compute vᵀ·J·u for each."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import torch as real
from opinfo import counterpart, operators
from parity import to_engine

import gradtui.engine as engine
from gradtui.engine import dispatch, forward, state
from gradtui.engine.backward import fit
from gradtui.engine.rows import IN_PLACE, NODES, TABLE, Row
from gradtui.engine.table.convolution import Shape
from gradtui.engine.tensor import TENSORS, wrap

Seen = dict[Any, list[list[Any]]]


def events_of(limit: int) -> Seen:
    """For each row up to `limit` runs of different shapes, forward and in second derivatives."""
    seen: Seen = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for op in operators()[0]:
            if real.float64 in op.supported_dtypes("cpu"):
                call = counterpart(op.op, op.name)
                for sample in op.sample_inputs("cpu", real.float64, requires_grad=True):
                    _collect(partial(_called, call, sample), seen, limit)
        for program, leaves in _others():
            _collect(lambda p=program, a=leaves: (p(), a), seen, limit)
    for row, bound in _direct():
        seen.setdefault(row, []).append(bound)
    return seen


def _called(call: Any, sample: Any) -> Any:
    args = to_engine((sample.input, *sample.args))
    return call(*args, **to_engine(sample.kwargs)), args


def _collect(program: Any, seen: Seen, limit: int) -> None:
    tape: list[Any] = []
    state.tape = tape
    try:
        _differentiate(*program())
    except Exception as error:  # other tests see to what fails; torch differentiates some rows once
        if "derivative for aten::" not in str(error):
            return
    finally:
        state.tape = None
    for event in tape:
        if isinstance(event[0], Row):
            runs = seen.setdefault(event[0], [])
            if len(runs) < limit:
                runs.append(list(event[1]))


def _differentiate(out: Any, args: Any) -> None:
    """Two derivatives with their graphs, so that rows of derivatives run too."""
    outs = [o for o in (out if isinstance(out, tuple) else (out,)) if getattr(o, "_rg", False)]
    flat = [a for a in args if getattr(a, "_rg", False)]
    for _ in range(2):
        if not outs or not flat:
            return
        found = engine.autograd.grad(
            [o.sum() for o in outs], flat, create_graph=True, allow_unused=True
        )
        outs = [g for g in found if g is not None and g._rg]


SYMMETRIC = ("cholesky", "linalg_cholesky", "linalg_eigh")
"""Rows whose formulas hold for symmetric matrices that move symmetrically."""


def inner_products(row: Any, bound: list[Any]) -> Iterator[tuple[float, float]]:
    """⟨v, J·u⟩ by the row's jvp on arrays and ⟨vᵀJ, u⟩ by its formulas, for random u and v."""
    rng = np.random.default_rng(0)
    given = [_leaves(v, place in row.edges) for place, v in enumerate(bound)]
    result = dispatch.run(row, given)
    outs = list(result) if row.several else [result]
    node = next((o.grad_fn for o in outs if o.grad_fn is not None), None)
    if node is None or any(
        np.any(np.abs(v._data) > 1e100) for v in given if v.__class__ in TENSORS
    ):
        return
    moving = [_moving(v, rng) for v in given]
    if row.name in SYMMETRIC:
        moving[0] = moving[0] + np.swapaxes(moving[0], -2, -1)
    values = tuple(o._data for o in outs) if row.several else result._data
    pushed = forward.push(row, [_arrays(v) for v in given], values, moving)
    tangents = list(pushed) if row.several else [pushed]
    vectors = [None if p is None else _random(p.shape, rng) for p in tangents]
    grads = node.apply(vectors if node.several else vectors[0])
    if node.inputs is not None:
        grads = fit(node, grads)
    inputs = moving[row.edges[0]] if row.spread else [moving[place] for place in row.edges]
    yield _dot(vectors, tangents), _dot(grads, inputs)


def _dot(left: Any, right: Any) -> float:
    pairs = zip(left, right, strict=True)
    return sum(float(np.sum(a * b)) for a, b in pairs if a is not None and b is not None)


def _random(shape: Any, rng: Any) -> Any:
    return np.asarray(rng.normal(size=shape))[()]


def _leaves(value: Any, follows: bool) -> Any:
    if isinstance(value, (list, tuple)) and any(v.__class__ in TENSORS for v in value):
        return [_leaves(v, follows) for v in value]
    if value.__class__ not in TENSORS:
        return value
    made: Any = wrap(np.array(value._data))
    return made.requires_grad_() if follows and made._data.dtype.kind == "f" else made


def _moving(value: Any, rng: Any) -> Any:
    if isinstance(value, list):
        return [_moving(v, rng) for v in value]
    if value.__class__ not in TENSORS or not value._rg:
        return None
    return _random(value._data.shape, rng).astype(value._data.dtype)


def _arrays(value: Any) -> Any:
    if isinstance(value, list):
        return [_arrays(v) for v in value]
    return value._data if value.__class__ in TENSORS else value


def _others() -> Iterator[Any]:
    """Programs for rows that no OpInfo sample here reaches."""
    t, F = engine, engine.nn.functional
    t.manual_seed(0)

    def leaf(*shape: int) -> Any:
        return t.rand(*shape, dtype=t.float64).add_(0.3).requires_grad_()

    x, y, m = leaf(3), leaf(3), leaf(3, 3)
    at = t.tensor([2, 0, 2])
    for call in (
        lambda: 2 - x,
        lambda: x.remainder(0.7),
        lambda: x.fmod(0.7),
        lambda: 2.0**x,
        lambda: x.clamp_max(0.8),
        lambda: m[at],
        lambda: m.index_put((t.tensor([2, 0]),), y),
        lambda: m.index_put((at,), y, accumulate=True),
        lambda: m[t.tensor([[True, False, True]] * 3)],
        lambda: t.autograd.grad(m[at].sum(), m, create_graph=True),
        lambda: m.clone().fill_(y.sum()),
        lambda: m.clone().fill_(2.0),
        lambda: m.clone().zero_(),
        lambda: m.clone().copy_(y),
        lambda: F.embedding(at, m),
        lambda: t.poisson(m),
        lambda: t.inverse(m),
        lambda: t.det(m),
        lambda: F.leaky_relu_((x - 0.8).clone(), 0.1),
        lambda: F.elu_((x - 0.8).clone(), 1.5),
        lambda: F.celu_((x - 0.8).clone(), 1.5),
        lambda: F.threshold(x.clone(), 0.5, 2.0, inplace=True),
        lambda: leaf(2, 3).clone().t_(),
        lambda: leaf(2, 3, 4).clone().transpose_(0, 2),
        lambda: leaf(2, 1, 4).clone().squeeze_(),
        lambda: leaf(2, 1, 4).clone().squeeze_(1),
        lambda: leaf(2, 3).clone().unsqueeze_(1),
        *(
            lambda name=name, other=other: getattr(leaf(2, 3).clone(), name + "_")(other)
            for name in ("eq", "ne", "lt", "le", "gt", "ge")
            for other in (1, leaf(2, 3))
        ),
        lambda: leaf(2, 3).clone().bernoulli_(),
        lambda: leaf(2, 3).clone().bernoulli_(engine.rand(2, 3)),
        lambda: engine.normal(leaf(2, 3), leaf(2, 3)),
        lambda: engine.normal(leaf(2, 3), 2.0),
        lambda: engine.normal(1.0, leaf(2, 3)),
        lambda: engine.bernoulli(leaf(2, 3)),
        lambda: leaf(2, 3).clone().random_(),
        lambda: leaf(2, 3).clone().random_(3),
        lambda: leaf(2, 3).clone().random_(1, 3),
        lambda: F.softmax(m, 1),
        lambda: leaf(2, 3).logcumsumexp(0),
        lambda: t.polygamma(2, x),
        lambda: (x * 1).polygamma_(2),
        lambda: F.pixel_shuffle(leaf(1, 4, 2, 2), 2),
        lambda: F.pixel_unshuffle(leaf(1, 2, 4, 4), 2),
        lambda: F.channel_shuffle(leaf(1, 4, 2, 2), 2),
        *(
            lambda mode=mode: F.interpolate(m.view(1, 1, 3, 3), (2, 5), mode=mode, antialias=True)
            for mode in ("bilinear", "bicubic")
        ),
        lambda: F.fold(leaf(1, 8, 4), (3, 3), 2),
        lambda: F.affine_grid(leaf(2, 2, 3), (2, 1, 3, 3), align_corners=False),
        lambda: F.rrelu_((m - 0.8).clone(), training=True),
        lambda: F.rrelu(m - 0.8),
        lambda: m.clone().conj_physical_(),
        lambda: F.fractional_max_pool3d(leaf(1, 1, 4, 4, 4), 2, 2),
        lambda: t.sinc(x),
        lambda: t.linalg.cholesky(m @ m.mT + t.eye(3)),
        lambda: t.linalg.cholesky(m @ m.mT + t.eye(3), upper=True),
        lambda: t.cholesky(m @ m.mT + t.eye(3)),
        lambda: t.linalg.qr(leaf(4, 2)),
        lambda: t.linalg.svd(leaf(4, 2), full_matrices=False),
        lambda: t.linalg.svd(leaf(2, 3), full_matrices=False),
        lambda: t.linalg.eigh(m @ m.mT),
        lambda: t.linalg.slogdet(m),
        lambda: t.slogdet(m),
        lambda: t.linalg.solve_triangular(m, leaf(3, 2), upper=True),
        lambda: t.linalg.solve_triangular(m, leaf(2, 3), upper=False, left=False),
        lambda: t.linalg.pinv(leaf(2, 3)),
        lambda: t.linalg.pinv(leaf(3, 2)),
        lambda: t.linalg.matrix_exp(m),
        lambda: engine.nn.utils.parametrizations.weight_norm(t.nn.Linear(3, 2).double()).weight,
    ):
        yield call, (x, y, m)


def _direct() -> Iterator[tuple[Any, list[Any]]]:
    """Rows that a program runs in a way of its own, with arguments as they are before that."""
    engine.manual_seed(1)
    m, cube = _uniform(3, 3), _uniform(1, 2, 4, 4, 4)
    window = Shape((2,) * 3, (0,) * 3, (1,) * 3)
    yield NODES["Identity"], [m]
    yield NODES["AliasBackward0"], [m]
    yield TABLE["as_strided"][0], [m, (2, 2), (1, 2), 1]
    yield NODES["FillBackward1"], [m, _uniform()]
    yield TABLE["mkldnn_rnn_layer"][0], [[m, _uniform(3, 3)], 0]
    yield TABLE["linalg_solve"][0], [m, _uniform(3, 2)]
    yield TABLE["linalg_solve"][0], [m, _uniform(3)]
    yield TABLE["max_pool3d_with_indices"][0], [cube, (2, 2, 2), window]
    yield TABLE["avg_pool3d"][0], [cube, (2, 2, 2), window, True, None]
    yield IN_PLACE["squeeze"][2], [_uniform(2, 1, 4, 1), (1, 3)]
    yield IN_PLACE["as_strided"][0], [_uniform(4), (2, 2), (1, 2), None]


def _uniform(*shape: int) -> Any:
    return engine.rand(shape, dtype=engine.float64).add_(0.3)
