"""What may differ from torch in its operators' tests, and why: tolerances and samples left out."""

from __future__ import annotations

from typing import Any

from parity import CLOSE

GRAPH_APART: dict[str, str] = {}
"""Operators whose gradients have another graph than torch's under create_graph, and why."""

SAMPLES_APART: dict[tuple[str, int], str] = {}
"""Samples that are not run: (operator, number of the sample)."""

OPERATORS_APART: dict[str, str] = {}
"""Operators that are not run."""

_NOT_YET = """
    addmm addmm_decomposed addmv addbmm baddbmm addr addcmul addcdiv cumprod diff kthvalue
    linspace linspace_tensor_overload logspace logspace_tensor_overload masked_scatter
    masked_select nn_functional_cross_entropy nn_functional_normalize aminmax as_strided
    as_strided_partial_views nn_functional_adaptive_avg_pool1d nn_functional_adaptive_avg_pool2d
    nn_functional_adaptive_max_pool1d nn_functional_adaptive_max_pool2d nn_functional_avg_pool1d
    nn_functional_binary_cross_entropy_with_logits nn_functional_conv_transpose1d
    nn_functional_conv_transpose2d nn_functional_conv1d nn_functional_conv2d nn_functional_conv3d
    nn_functional_group_norm nn_functional_layer_norm nn_functional_rms_norm
    nn_functional_pad_reflect nn_functional_pad_replicate nn_functional_pad_replicate_negative
    nn_functional_pad_circular nn_functional_soft_margin_loss nn_functional_margin_ranking_loss
    nn_functional_avg_pool2d nn_functional_max_pool1d nn_functional_max_pool2d
    nn_functional_linear nn_functional_bilinear nn_functional_glu nn_functional_prelu
    nn_functional_celu nn_functional_scaled_dot_product_attention nn_functional_logsigmoid
    nn_functional_mish nn_functional_threshold nn_functional_triplet_margin_loss to topk
    nn_functional_batch_norm nn_functional_binary_cross_entropy nn_functional_softshrink
    nn_functional_hardshrink nn_functional_gelu mode narrow pow float_power rot90 __radd__
    __rdiv__ __rmul__ __rand__ __ror__ __rxor__ __rmod__ __rpow__ __rsub__ lerp svd_lowrank
    pca_lowrank gather index_add sort unique_consecutive take empty_like new_empty empty
    multinomial normal normal_number_mean bernoulli cat resize_as_ trapz trapezoid tensordot
    logcumsumexp log_softmax logit nonzero norm norm_nuc norm_fro norm_inf nn_functional_dropout3d
    nn_functional_alpha_dropout nn_functional_embedding nn_functional_softplus
    nn_functional_nll_loss nn_functional_huber_loss nn_functional_poisson_nll_loss argsort
    nn_functional_kl_div
"""
DIFFERENT: dict[str, str] = dict.fromkeys(_NOT_YET.split(), "not yet torch's")
"""Operators with samples whose results still differ from torch's, and in what."""


HALF = (4e-3, 2e-3)
"""float16 is storage here: kernels compute in float32, where torch rounds some steps to float16."""

VALUES = CLOSE | {"float16": HALF}
GRADIENTS = {name: (*VALUES[name], 1e-6) for name in VALUES} | {"float64": (1e-7, 1e-7, 1e-12)}
"""Gradients are sums of terms of both signs: what rounding leaves is a part of the largest."""


def tolerances(op: Any) -> tuple[Any, Any]:
    """What values and gradients are compared with: every bit, or a table of pairs by dtype."""
    return VALUES, GRADIENTS
