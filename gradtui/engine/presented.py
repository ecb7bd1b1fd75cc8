"""What nodes show under torch's names of what they saved, where that is not what formulas take.

>>> import gradtui.engine as torch
>>> x = torch.ones(2, requires_grad=True)
>>> (x + x).grad_fn._saved_alpha
1
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

Reader = Callable[[Any], Any]
"""What a node shows, from the node."""


class Shown:
    """An attribute of nodes that is worked out when it is asked for."""

    __slots__ = ("read",)

    def __init__(self, read: Reader) -> None:
        self.read = read

    def __get__(self, node: Any, kind: type | None = None) -> Any:
        return self if node is None else self.read(node)


def _saved(name: str) -> Reader:
    """What a node saved for its formulas, by its name there."""
    return lambda node: node.read_saved(node.row.saves.index(name))


def _of(name: str, turn: Callable[[Any], Any]) -> Reader:
    """A fact about something a node saved; None where no wanted gradient needs it."""
    read = _saved(name)

    def fact(node: Any) -> Any:
        found = read(node)
        return None if found is None else turn(found)

    return fact


def _whole(name: str) -> Reader:
    """A number without its fraction, where that is 0."""
    read = _saved(name)

    def number(node: Any) -> Any:
        found = read(node)
        return int(found) if isinstance(found, float) and found.is_integer() else found

    return number


def _always(value: Any) -> Reader:
    return lambda node: value


def _count(node: Any) -> int:
    return math.prod(node.inputs[0][0])


def _total_weight(node: Any) -> Any:
    """What the targets weigh together."""
    from gradtui.engine.kernels.classes import total_weight
    from gradtui.engine.tensor import wrap

    parts = [_saved(name)(node) for name in ("self", "target", "weight", "ignore_index")]
    arrays = [getattr(part, "_data", part) for part in parts]
    return wrap(np.asarray(total_weight(*arrays))[()])


def _smooth(node: Any) -> Any:
    """exp(-|x|), which log_sigmoid keeps beside x."""
    from gradtui.engine.tensor import wrap

    return wrap(np.exp(-np.abs(_saved("self")(node)._data)))


def _indices(found: Any) -> Any:
    from gradtui.engine.tensor import wrap

    return tuple(wrap(part) if isinstance(part, np.ndarray) else None for part in found)


def _moments(kind: str) -> Mapping[str, Reader]:
    """The mean and the reciprocal of the deviation, which a normalisation keeps."""

    def reader(number: int) -> Reader:
        def read(node: Any) -> Any:
            from gradtui.engine.table import normalisation
            from gradtui.engine.tensor import wrap

            saved = {name: _saved(name)(node) for name in node.row.saves}
            return wrap(normalisation.moments(kind, saved)[number][()])

        return read

    return {"result1": reader(0), "result2": reader(1)}


def _group_size(number: int) -> Reader:
    """How many examples, channels, and entries of each there are."""

    def read(node: Any) -> int:
        examples, channels, *rest = node.inputs[0][0]
        return int((examples, channels, math.prod(rest))[number])

    return read


_OF_SHAPE: Mapping[str, Reader] = {
    name: _of("shape", lambda shape, name=name: getattr(shape, name))  # type: ignore[misc]
    for name in ("stride", "padding", "dilation", "groups")
}
_OF_WINDOWS: Mapping[str, Reader | None] = {
    "kernel": None,
    "shape": None,
    "kernel_size": _saved("kernel"),
    "stride": _OF_SHAPE["stride"],
    "padding": _OF_SHAPE["padding"],
    "ceil_mode": _of("shape", lambda shape: shape.ceil),
}
_SOURCE: Mapping[str, Reader | None] = {"source_dim": lambda node: len(node.inputs[1][0])}
_HIDDEN: Mapping[str, Reader | None] = {"self_sym_sizes": None}

PRESENTED: Mapping[str, Mapping[str, Reader | None]] = {
    "MeanBackward1": {"self_sym_numel": _count},
    "CatBackward0": {"tensors_sym_sizes": None},
    "CumsumBackward0": {"self_dtype": None},
    "ToCopyBackward0": {"self_dtype": None},
    "CopyBackwards": {"src_dtype": None},
    "AsStridedBackward0": {"self_layout": None},
    "UnsqueezeBackward0": _HIDDEN,
    "UnbindBackward0": _HIDDEN,
    "AddBackward0": {"alpha": _always(1)},
    **{
        f"{name}Backward1": {"other_sym_sizes": None}
        for name in ("Eq", "Ne", "Lt", "Le", "Gt", "Ge")
    },
    "SubBackward0": {"alpha": _always(1)},
    "IndexBackward0": {"indices": _of("indices", _indices)},
    "IndexPutBackward0": {"indices": _of("indices", _indices), "values_sym_sizes": None},
    "IndexAddBackward0": _SOURCE,
    "IndexCopyBackward0": _SOURCE,
    "LogSigmoidBackward0": {"buffer": _smooth},
    "LinalgInvExBackward0": {"result": None, "inverse": _saved("result")},
    "LinalgCholeskyExBackward0": {"result": None, "L": _saved("result")},
    "LinalgVectorNormBackward0": {"ord": _whole("ord")},
    "NllLossBackward0": {
        "total_weight": _total_weight,
    },
    "EmbeddingBackward0": {
        "weight_sym_sizes": None,
        "weight_sym_argsize_0": _of("weight_sizes", lambda sizes: sizes[0]),
        "sparse": _always(False),
    },
    "EmbeddingBagBackward0": {
        "weight_sym_sizes": None,
        "weight_sym_argsize_0": _of("weight_sizes", lambda sizes: sizes[0]),
        "padding_idx": lambda node: (
            (-1 if (p := _saved("padding_idx")(node)) is None else p) % 2**64
        ),
    },
    "NativeLayerNormBackward0": {"eps": None, **_moments("layer")},
    "NativeBatchNormBackward0": _moments("batch"),
    "NativeGroupNormBackward0": {
        **{name: _group_size(n) for n, name in enumerate(("N", "C", "HxW"))},
        **_moments("group"),
    },
    "ConvolutionBackward0": {
        "shape": None,
        **_OF_SHAPE,
        "transposed": lambda node: node.row.name == "conv_transpose",
        "output_padding": _of("shape", lambda shape: (0,) * len(shape.stride)),
        "bias_sym_sizes_opt": lambda node: tuple(node.inputs[2][0]) if node.inputs[2] else (0,),
    },
    **{
        f"MaxPool{dims}DWithIndicesBackward0": {"indices": None, "result1": _saved("indices")}
        for dims in (2, 3)
    },
    **{
        f"AvgPool{dims}DBackward0": {
            **_OF_WINDOWS,
            "divisor": None,
            "divisor_override": _saved("divisor"),
        }
        for dims in (2, 3)
    },
}
"""By node what it shows beside, or instead of, what it saved; None hides what torch does not show."""


def presented(node: str, body: dict[str, Any]) -> dict[str, Any]:
    """The attributes of a node class with what torch shows in the place of what formulas take."""
    found = dict(body)
    for name, read in PRESENTED.get(node, {}).items():
        shown = f"_saved_{name}"
        if read is None:
            found.pop(shown, None)
        elif not (name == "alpha" and shown in found):
            found[shown] = Shown(read)
    return found
