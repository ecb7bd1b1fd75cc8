"""`torch.nn.functional`: activations, losses and layers as functions.

>>> import gradtui.engine as torch
>>> import gradtui.engine.nn.functional as F
>>> F.softmax(torch.zeros(2), dim=0)
tensor([0.5000, 0.5000])
"""

from typing import Any

from gradtui.engine.absent import missing
from gradtui.engine.lift import FUNCTIONS
from gradtui.engine.nn.functional.activations import (
    celu,
    celu_,
    elu,
    elu_,
    gelu,
    glu,
    gumbel_softmax,
    hardshrink,
    hardsigmoid,
    hardswish,
    hardtanh,
    hardtanh_,
    leaky_relu,
    leaky_relu_,
    log_softmax,
    logsigmoid,
    mish,
    prelu,
    relu,
    relu6,
    relu_,
    rrelu,
    rrelu_,
    selu,
    selu_,
    sigmoid,
    silu,
    softmax,
    softmin,
    softplus,
    softshrink,
    softsign,
    tanh,
    tanhshrink,
    threshold,
)
from gradtui.engine.nn.functional.attention import (
    multi_head_attention_forward,
    scaled_dot_product_attention,
)
from gradtui.engine.nn.functional.bags import ctc_loss, embedding_bag
from gradtui.engine.nn.functional.convolution import (
    conv1d,
    conv2d,
    conv3d,
    conv_transpose1d,
    conv_transpose2d,
    conv_transpose3d,
)
from gradtui.engine.nn.functional.distances import (
    cosine_similarity,
    normalize,
    one_hot,
    pairwise_distance,
)
from gradtui.engine.nn.functional.images import (
    channel_shuffle,
    instance_norm,
    pixel_shuffle,
    pixel_unshuffle,
)
from gradtui.engine.nn.functional.layers import (
    alpha_dropout,
    batch_norm,
    bilinear,
    dropout,
    dropout1d,
    dropout2d,
    dropout3d,
    embedding,
    feature_alpha_dropout,
    group_norm,
    layer_norm,
    linear,
    pad,
    rms_norm,
)
from gradtui.engine.nn.functional.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    gaussian_nll_loss,
    huber_loss,
    kl_div,
    l1_loss,
    mse_loss,
    nll_loss,
    poisson_nll_loss,
    smooth_l1_loss,
)
from gradtui.engine.nn.functional.margins import (
    cosine_embedding_loss,
    hinge_embedding_loss,
    margin_ranking_loss,
    multi_margin_loss,
    multilabel_margin_loss,
    multilabel_soft_margin_loss,
    soft_margin_loss,
    triplet_margin_loss,
    triplet_margin_with_distance_loss,
)
from gradtui.engine.nn.functional.pooling import (
    adaptive_avg_pool1d,
    adaptive_avg_pool2d,
    adaptive_avg_pool3d,
    adaptive_max_pool1d,
    adaptive_max_pool2d,
    adaptive_max_pool3d,
    avg_pool1d,
    avg_pool2d,
    avg_pool3d,
    max_pool1d,
    max_pool2d,
    max_pool3d,
)
from gradtui.engine.nn.functional.resampling import (
    fold,
    interpolate,
    unfold,
    upsample,
    upsample_bilinear,
    upsample_nearest,
)
from gradtui.engine.nn.functional.sampling import affine_grid, grid_sample, grid_sampler
from gradtui.engine.nn.functional.windows import (
    fractional_max_pool2d,
    fractional_max_pool2d_with_indices,
    fractional_max_pool3d,
    fractional_max_pool3d_with_indices,
    local_response_norm,
    lp_pool1d,
    lp_pool2d,
    lp_pool3d,
    max_unpool1d,
    max_unpool2d,
    max_unpool3d,
)
from gradtui.engine.outputs import accepting
from gradtui.engine.parsed import members, parsed, refused_as

linear, gelu, softplus = (accepting(f.__name__, f) for f in (linear, gelu, softplus))
softshrink, hardshrink = (accepting(f.__name__, f) for f in (softshrink, hardshrink))
normalize, avg_pool2d, avg_pool3d = (
    accepting(f.__name__, f) for f in (normalize, avg_pool2d, avg_pool3d)
)
logsigmoid = parsed("log_sigmoid", accepting("log_sigmoid", logsigmoid))


def pdist(input: Any, p: float = 2.0) -> Any:
    """The distances between all pairs of rows."""
    return FUNCTIONS["pdist"](input, p)


IN_C = """
adaptive_avg_pool1d avg_pool1d avg_pool2d avg_pool3d bilinear celu_ channel_shuffle conv1d conv2d
conv3d conv_transpose1d conv_transpose2d conv_transpose3d cosine_similarity elu_ gelu hardshrink
hardtanh_ leaky_relu_ linear one_hot pairwise_distance pdist pixel_shuffle pixel_unshuffle prelu
relu_ rrelu_ scaled_dot_product_attention selu_ softplus softshrink
""".split()
"""Functions whose arguments torch's own parser reads."""

globals().update(members({name: globals()[name] for name in IN_C}))

AROUND = {
    "alpha_dropout": ("alpha_dropout", "input p training"),
    "batch_norm": (
        "batch_norm",
        "input weight bias running_mean running_var training momentum eps",
    ),
    "cosine_embedding_loss": ("cosine_embedding_loss", "input1 input2 target margin"),
    "cross_entropy": ("cross_entropy_loss", "input target weight"),
    "ctc_loss": ("ctc_loss", "log_probs targets input_lengths target_lengths blank"),
    "dropout": ("dropout", "input p training"),
    "feature_alpha_dropout": ("feature_alpha_dropout", "input p training"),
    "group_norm": ("group_norm", "input num_groups weight bias eps"),
    "hinge_embedding_loss": ("hinge_embedding_loss", "input target margin"),
    "instance_norm": (
        "instance_norm",
        "input weight bias running_mean running_var use_input_stats",
    ),
    "kl_div": ("kl_div", "input target"),
    "margin_ranking_loss": ("margin_ranking_loss", "input1 input2 target margin"),
    "multi_margin_loss": ("multi_margin_loss", "input target p margin weight"),
    "multilabel_margin_loss": ("multilabel_margin_loss", "input target"),
    "nll_loss": ("nll_loss_nd", "input target weight"),
    "poisson_nll_loss": ("poisson_nll_loss", "input target log_input full eps"),
    "rms_norm": ("rms_norm", "input normalized_shape weight eps"),
    "rrelu": ("rrelu", "input lower upper training"),
    "soft_margin_loss": ("soft_margin_loss", "input target"),
    "triplet_margin_loss": (
        "triplet_margin_loss",
        "anchor positive negative margin p eps swap",
    ),
}
"""Functions that are Python around one whose arguments torch's parser reads: which, and what of."""

globals().update({n: refused_as(*row, globals()[n]) for n, row in AROUND.items()})

__all__ = [
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "adaptive_avg_pool3d",
    "adaptive_max_pool1d",
    "adaptive_max_pool2d",
    "adaptive_max_pool3d",
    "affine_grid",
    "alpha_dropout",
    "avg_pool1d",
    "avg_pool2d",
    "avg_pool3d",
    "batch_norm",
    "bilinear",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "celu",
    "celu_",
    "channel_shuffle",
    "conv1d",
    "conv2d",
    "conv3d",
    "conv_transpose1d",
    "conv_transpose2d",
    "conv_transpose3d",
    "cosine_embedding_loss",
    "cosine_similarity",
    "cross_entropy",
    "ctc_loss",
    "dropout",
    "dropout1d",
    "dropout2d",
    "dropout3d",
    "elu",
    "elu_",
    "embedding",
    "embedding_bag",
    "feature_alpha_dropout",
    "fold",
    "fractional_max_pool2d",
    "fractional_max_pool2d_with_indices",
    "fractional_max_pool3d",
    "fractional_max_pool3d_with_indices",
    "gaussian_nll_loss",
    "gelu",
    "glu",
    "grid_sample",
    "grid_sampler",
    "group_norm",
    "gumbel_softmax",
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "hardtanh_",
    "hinge_embedding_loss",
    "huber_loss",
    "instance_norm",
    "interpolate",
    "kl_div",
    "l1_loss",
    "layer_norm",
    "leaky_relu",
    "leaky_relu_",
    "linear",
    "local_response_norm",
    "log_softmax",
    "logsigmoid",
    "lp_pool1d",
    "lp_pool2d",
    "lp_pool3d",
    "margin_ranking_loss",
    "max_pool1d",
    "max_pool2d",
    "max_pool3d",
    "max_unpool1d",
    "max_unpool2d",
    "max_unpool3d",
    "mish",
    "mse_loss",
    "multi_head_attention_forward",
    "multi_margin_loss",
    "multilabel_margin_loss",
    "multilabel_soft_margin_loss",
    "nll_loss",
    "normalize",
    "one_hot",
    "pad",
    "pairwise_distance",
    "pixel_shuffle",
    "pixel_unshuffle",
    "poisson_nll_loss",
    "prelu",
    "relu",
    "relu6",
    "relu_",
    "rms_norm",
    "rrelu",
    "rrelu_",
    "scaled_dot_product_attention",
    "selu",
    "selu_",
    "sigmoid",
    "silu",
    "smooth_l1_loss",
    "soft_margin_loss",
    "softmax",
    "softmin",
    "softplus",
    "softshrink",
    "softsign",
    "tanh",
    "tanhshrink",
    "threshold",
    "triplet_margin_loss",
    "triplet_margin_with_distance_loss",
    "unfold",
    "upsample",
    "upsample_bilinear",
    "upsample_nearest",
]


def __getattr__(name: str) -> Any:
    raise missing("torch.nn.functional", name)
