"""Prices of `nn` modules: of making one (its parameters) and of calling one (its layers in
turn).
"""

import math
from collections.abc import Callable
from typing import Any

from gradtui.language.elements import Elements
from gradtui.language.tables import words
from gradtui.language.tensor_costs import sizes

Cost = Callable[..., None]
_SIZES = words(
    "in_features out_features in1_features in2_features num_embeddings embedding_dim in_channels"
    " out_channels kernel_size input_size hidden_size num_layers embed_dim num_features"
    " normalized_shape num_groups num_channels num_parameters"
)


def _numbers(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | list | tuple):
        return 1
    return max(math.prod(sizes(value)) if isinstance(value, list | tuple) else value, 1)


def _product(elements: Elements, *args: Any, **kwargs: Any) -> None:
    """At most as many parameters as the product of all sizes given."""
    given = [*args, *(kwargs[name] for name in _SIZES if name in kwargs)]
    elements.budget.elements(math.prod(map(_numbers, given[:3])))


def _recurrent(elements: Elements, *args: Any, **kwargs: Any) -> None:
    first, hidden, layers = [
        *(_numbers(a) for a in args[:3]),
        *(_numbers(kwargs[n]) for n in ("input_size", "hidden_size", "num_layers") if n in kwargs),
        1, 1, 1,
    ][:3]  # fmt: skip
    elements.budget.elements(8 * hidden * (first + hidden * 2) * layers)


def _square(elements: Elements, *args: Any, **kwargs: Any) -> None:
    width = _numbers(args[0] if args else kwargs.get("embed_dim", 1))
    elements.budget.elements(4 * width * width)


def _convolution(elements: Elements, *args: Any, **kwargs: Any) -> None:
    names = ("in_channels", "out_channels", "kernel_size")
    given = [*args[:3], *(kwargs[n] for n in names if n in kwargs)]
    first, second, kernel = (*given, 1, 1, 1)[:3]
    area = _numbers(kernel) if isinstance(kernel, list | tuple) else _numbers(kernel) ** 2
    elements.budget.elements(_numbers(first) * _numbers(second) * area)


CONSTRUCTION: dict[str, Cost] = {
    **dict.fromkeys(
        words("""
            Linear Bilinear Embedding BatchNorm1d BatchNorm2d LayerNorm RMSNorm GroupNorm PReLU
            InstanceNorm1d InstanceNorm2d
        """),
        _product,
    ),
    **dict.fromkeys(words("RNN LSTM GRU RNNCell LSTMCell GRUCell"), _recurrent),
    **dict.fromkeys(words("Conv1d Conv2d ConvTranspose1d ConvTranspose2d"), _convolution),
    "MultiheadAttention": _square,
}


def call_cost(elements: Elements, module: Any, *args: Any, **kwargs: Any) -> None:
    """The price of `module(*args)`: each of its layers widens what comes in by no more than its own
    width; lesson modules within pay for themselves as they run."""
    shapes = list(elements.shapes(*args, *kwargs.values()))
    count = max((math.prod(s) for s in shapes), default=1)
    last = max((s[-1] for s in shapes if s), default=1)
    rows = max(count // max(last, 1), 1)
    widest = count
    for layer in module.modules():
        kind = _engine_name(type(layer))
        if kind in _WIDTHS:
            out, flops = _WIDTHS[kind](layer, rows, count)
            widest = max(widest, out)
            elements.budget.flops(flops)
    elements.budget.elements(widest)


def _engine_name(kind: type) -> str:
    """The name of the first of a class's bases that is not a lesson's own."""
    return next(base.__name__ for base in kind.__mro__ if base.__module__ != "__main__")


def _linear(layer: Any, rows: int, count: int) -> tuple[int, int]:
    return rows * layer.out_features, rows * layer.out_features * layer.in_features


def _embedding(layer: Any, rows: int, count: int) -> tuple[int, int]:
    return count * layer.embedding_dim, 0


def _conv(layer: Any, rows: int, count: int) -> tuple[int, int]:
    padding = sizes(layer.padding) if isinstance(layer.padding, tuple | list) else (0,)
    stride = sizes(layer.stride) if type(layer).__name__.startswith("ConvTranspose") else (1,)
    grown = count // max(layer.in_channels, 1) * math.prod(stride) + math.prod(padding) * 16
    out = max(grown, count) * max(layer.out_channels, 1)
    kernel = math.prod(sizes(layer.kernel_size))
    return out, out * kernel * layer.in_channels


def _attention(layer: Any, rows: int, count: int) -> tuple[int, int]:
    return rows * rows + count, rows * rows * layer.embed_dim + count * layer.embed_dim * 4


def _recurrence(layer: Any, rows: int, count: int) -> tuple[int, int]:
    hidden = layer.hidden_size
    return rows * hidden * 8, rows * hidden * (hidden + layer.input_size) * 8


_WIDTHS: dict[str, Callable[[Any, int, int], tuple[int, int]]] = {
    "Linear": _linear,
    "Embedding": _embedding,
    **dict.fromkeys(("Conv1d", "Conv2d", "ConvTranspose1d", "ConvTranspose2d"), _conv),
    "MultiheadAttention": _attention,
    **dict.fromkeys(words("RNN LSTM GRU RNNCell LSTMCell GRUCell"), _recurrence),
}
