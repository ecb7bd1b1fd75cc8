"""Functions of `torch.nn.functional` that torch has under its own name too, as torch calls them."""

from __future__ import annotations

from typing import Any

from gradtui.engine.autograd.anomaly import is_anomaly_enabled
from gradtui.engine.nn import functional as F
from gradtui.engine.nn.functional.bags import bags, ctc


def _check_probability(p: float) -> None:
    if not 0 <= p <= 1:
        raise RuntimeError(f"dropout probability has to be between 0 and 1, but got {p:g}")


def dropout(input: Any, p: float, train: bool) -> Any:
    _check_probability(p)
    return F.dropout(input, p, train)


def alpha_dropout(input: Any, p: float, train: bool) -> Any:
    _check_probability(p)
    return F.alpha_dropout(input, p, train)


def embedding(
    weight: Any,
    indices: Any,
    padding_idx: int = -1,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Any:
    """Rows of `weight` by their numbers; a negative padding index means none."""
    padding = None if padding_idx < 0 else padding_idx
    return F.embedding(
        indices, weight, padding, scale_grad_by_freq=scale_grad_by_freq, sparse=sparse
    )


def layer_norm(
    input: Any,
    normalized_shape: Any,
    weight: Any = None,
    bias: Any = None,
    eps: float = 1e-5,
    cudnn_enable: bool = True,
) -> Any:
    return F.layer_norm(input, normalized_shape, weight, bias, eps)


def group_norm(
    input: Any,
    num_groups: int,
    weight: Any = None,
    bias: Any = None,
    eps: float = 1e-5,
    cudnn_enabled: bool = True,
) -> Any:
    return F.group_norm(input, num_groups, weight, bias, eps)


def batch_norm(
    input: Any,
    weight: Any,
    bias: Any,
    running_mean: Any,
    running_var: Any,
    training: bool,
    momentum: float,
    eps: float,
    cudnn_enabled: bool,
) -> Any:
    return F.batch_norm(input, running_mean, running_var, weight, bias, training, momentum, eps)


_SAME = """
adaptive_avg_pool1d adaptive_max_pool1d avg_pool1d bilinear celu_ conv1d conv2d conv3d
conv_transpose1d conv_transpose2d cosine_similarity max_pool1d max_pool2d pairwise_distance
pixel_shuffle pixel_unshuffle prelu feature_alpha_dropout grid_sampler rms_norm rrelu rrelu_ selu_
""".split()

PUBLIC: dict[str, Any] = (
    {name: getattr(F, name) for name in _SAME if hasattr(F, name)}
    | {
        f.__name__: f
        for f in (
            alpha_dropout,
            batch_norm,
            dropout,
            embedding,
            group_norm,
            is_anomaly_enabled,
            layer_norm,
        )
    }
    | {"ctc_loss": ctc, "embedding_bag": bags}
)
