"""Prices of `nn` modules: of making one (its parameters) and of calling one (its layers in
turn).
"""

import math
from collections.abc import Callable
from typing import Any

from gradtui.language.budget import FLOPS_PER_OPERATION
from gradtui.language.elements import VIEW, Elements
from gradtui.language.image_costs import folded
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
    area = _numbers(kernel) if isinstance(kernel, list | tuple) else _numbers(kernel) ** 3
    elements.budget.elements(_numbers(first) * _numbers(second) * area)


def _transformer(elements: Elements, *args: Any, **kwargs: Any) -> None:
    """Four square matrices and two of the feed-forward net a layer, of a decoder eight."""
    names = ("d_model", "nhead", "num_encoder_layers", "num_decoder_layers", "dim_feedforward")
    usual = (512, 8, 6, 6, 2048)
    given = dict(zip(names, usual, strict=True)) | dict(zip(names, args, strict=False)) | kwargs
    width, _, encoders, decoders, hidden = (_numbers(given[name]) for name in names)
    forward = 2 * width * hidden + hidden + 9 * width
    encoder, decoder = forward + 4 * width * width, forward + 8 * width * width
    elements.budget.elements(encoders * encoder + decoders * decoder)


def _layer(elements: Elements, *args: Any, **kwargs: Any) -> None:
    names = ("d_model", "nhead", "dim_feedforward")
    given = {**dict(zip(names, (512, 8, 2048), strict=True)), **dict(zip(names, args)), **kwargs}  # noqa: B905
    width = _numbers(given["d_model"])
    elements.budget.elements(width * (8 * width + 2 * _numbers(given["dim_feedforward"])))


def _stacked(elements: Elements, layer: Any = None, layers: Any = 1, *rest: Any, **k: Any) -> None:
    """As many copies of a layer as are asked for."""
    layer, layers = (
        k.get("encoder_layer", k.get("decoder_layer", layer)),
        k.get("num_layers", layers),
    )
    if hasattr(layer, "parameters"):
        size = sum(part.numel() for part in layer.parameters())
        elements.budget.elements(size * _numbers(layers))
        elements.budget.operations(200 * _numbers(layers))


def _loaded(elements: Elements, *args: Any, **kwargs: Any) -> None:
    """Samplers and loaders turn as often as their data is long, without asking anyone."""
    for value in (*args, *kwargs.values()):
        if isinstance(value, int) and not isinstance(value, bool):
            elements.budget.items(value)
        elif hasattr(type(value), "__len__") and not isinstance(value, str):
            elements.budget.items(len(value))


def _loader(elements: Elements, *args: Any, **kwargs: Any) -> None:
    """A loader without processes of its own: a lesson starts none."""
    given = dict(zip(_LOADER, args, strict=False)) | kwargs
    for name in ("num_workers", "pin_memory", "worker_init_fn", "multiprocessing_context"):
        if given.get(name):
            raise NotImplementedError(
                f"DataLoader's {name} is not in the lesson language: batches are made here, without it"
            )
    _loaded(elements, *args, **kwargs)


_LOADER = words(
    "dataset batch_size shuffle sampler batch_sampler num_workers collate_fn pin_memory"
)


CONSTRUCTION: dict[str, Cost] = {
    **dict.fromkeys(
        words("""
            Linear Bilinear Embedding EmbeddingBag BatchNorm1d BatchNorm2d LayerNorm RMSNorm GroupNorm PReLU
            InstanceNorm1d InstanceNorm2d InstanceNorm3d BatchNorm3d
        """),
        _product,
    ),
    **dict.fromkeys(words("RNN LSTM GRU RNNCell LSTMCell GRUCell"), _recurrent),
    **dict.fromkeys(
        words("Conv1d Conv2d Conv3d ConvTranspose1d ConvTranspose2d ConvTranspose3d"), _convolution
    ),
    "MultiheadAttention": _square,
    "Transformer": _transformer,
    **dict.fromkeys(words("TransformerEncoderLayer TransformerDecoderLayer"), _layer),
    **dict.fromkeys(words("TransformerEncoder TransformerDecoder"), _stacked),
    **dict.fromkeys(
        words("""
            BatchSampler RandomSampler Sampler SequentialSampler Subset SubsetRandomSampler
            WeightedRandomSampler TensorDataset
        """),
        _loaded,
    ),
    "DataLoader": _loader,
}


def call_cost(elements: Elements, module: Any, *args: Any, **kwargs: Any) -> None:
    """The price of `module(*args)`: each of its layers widens what comes in by no more than its own
    width; lesson modules within pay for themselves as they run. One without `super().__init__()`
    has none."""
    if "_modules" not in vars(module):
        return
    shapes = list(elements.shapes(*args, *kwargs.values()))
    count = max((math.prod(s) for s in shapes), default=1)
    last = max((s[-1] for s in shapes if s), default=1)
    rows = max(count // max(last, 1), 1)
    widest = count
    for layer in module.modules():
        kind = _engine_name(type(layer))
        if kind in _WIDTHS or kind.startswith("Lazy"):
            price = _WIDTHS.get(kind)
            out, flops = _lazy(layer, widest) if price is None else price(layer, rows, count)
            widest = max(widest, out)
            elements.budget.flops(flops)
    elements.budget.elements(widest)


def _engine_name(kind: type) -> str:
    """The name of the first of a class's bases that is not a lesson's own."""
    return next(base.__name__ for base in kind.__mro__ if base.__module__ != "__main__")


def _linear(layer: Any, rows: int, count: int) -> tuple[int, int]:
    return rows * layer.out_features, rows * layer.out_features * layer.in_features


def _lazy(layer: Any, widest: int) -> tuple[int, int]:
    """It takes its input's size for its own, which is at most that of what came before it."""
    out = getattr(layer, "out_features", getattr(layer, "out_channels", 1))
    weight = widest * max(int(out), 1) * math.prod(sizes(getattr(layer, "kernel_size", ())))
    return weight, weight


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
    """One step of the sequence after the other, each a few calls of its own."""
    hidden = layer.hidden_size
    steps = rows * VIEW * FLOPS_PER_OPERATION
    return rows * hidden * 8, rows * hidden * (hidden + layer.input_size) * 8 + steps


def _axes(layer: Any) -> int:
    return int(type(layer).__name__[-2])


def _extent(value: Any, axes: int) -> int:
    return max(
        math.prod(sizes(value)) if isinstance(value, list | tuple) else int(value) ** axes, 1
    )


def _pool(layer: Any, rows: int, count: int) -> tuple[int, int]:
    """Every position of the window looks at all that it covers."""
    axes = _axes(layer)
    size = _extent(layer.kernel_size, axes)
    stride = size if layer.stride is None else _extent(layer.stride, axes)
    return count * size // stride + count, 0


def _upsample(layer: Any, rows: int, count: int) -> tuple[int, int]:
    """As many entries as asked for, for every line of the last dimension at most."""
    if layer.size is not None:
        return count + rows * _extent(layer.size, 3), 0
    factor = layer.scale_factor
    grown = math.prod(factor) if isinstance(factor, tuple) else float(factor) ** 3
    return math.ceil(count * max(grown, 1)), 0


def _patches(layer: Any, rows: int, count: int) -> tuple[int, int]:
    return count * _extent(layer.kernel_size, 2), 0


def _folded(layer: Any, rows: int, count: int) -> tuple[int, int]:
    return count + rows * folded(layer.output_size, layer.padding), 0


def _unpool(layer: Any, rows: int, count: int) -> tuple[int, int]:
    return count * _extent(layer.stride, 1) * _extent(layer.kernel_size, 1), 0


def _adaptive_pool(layer: Any, rows: int, count: int) -> tuple[int, int]:
    given = layer.output_size
    wanted = [n or 1 for n in given] if isinstance(given, list | tuple) else given
    return count + rows * _extent(wanted, _axes(layer)), 0


_WIDTHS: dict[str, Callable[[Any, int, int], tuple[int, int]]] = {
    "Linear": _linear,
    **dict.fromkeys(("Embedding", "EmbeddingBag"), _embedding),
    **dict.fromkeys(("Conv1d", "Conv2d", "ConvTranspose1d", "ConvTranspose2d"), _conv),
    **dict.fromkeys(
        words("""
            MaxPool1d MaxPool2d MaxPool3d AvgPool1d AvgPool2d AvgPool3d LPPool1d LPPool2d LPPool3d
        """),
        _pool,
    ),
    **dict.fromkeys(
        words("""
            AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d AdaptiveMaxPool1d
            AdaptiveMaxPool2d AdaptiveMaxPool3d
        """),
        _adaptive_pool,
    ),
    **dict.fromkeys(words("Upsample UpsamplingNearest2d UpsamplingBilinear2d"), _upsample),
    **dict.fromkeys(words("MaxUnpool1d MaxUnpool2d MaxUnpool3d"), _unpool),
    "Unfold": _patches,
    "Fold": _folded,
    "MultiheadAttention": _attention,
    **dict.fromkeys(words("RNN LSTM GRU RNNCell LSTMCell GRUCell"), _recurrence),
}
