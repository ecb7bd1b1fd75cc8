"""What may differ from torch in its operators' tests, and why: tolerances and samples left out."""

from __future__ import annotations

from typing import Any

from parity import CLOSE

GRAPH_APART: dict[str, str] = {}
"""Operators whose gradients have another graph than torch's under create_graph, and why."""

TIES = {"sort": 1, "argsort": 1, "mode": 1, "topk": 2, "kthvalue": 2}
"""Operators that may name any of several equal entries, with the place of their argument `dim`."""

UNSET = frozenset({"empty", "empty_like", "new_empty", "empty_strided", "new_empty_strided"})
"""Operators whose entries are whatever was in memory: shape, strides and dtype are compared."""

SAMPLES_APART: dict[tuple[str, int], str] = {}
"""Samples that are not run: (operator, number of the sample)."""

OPERATORS_APART: dict[str, str] = {}
"""Operators that are not run."""

_NOT_YET = """
    addbmm cumprod linspace linspace_tensor_overload logspace logspace_tensor_overload
    nn_functional_normalize as_strided as_strided_partial_views nn_functional_adaptive_avg_pool1d
    nn_functional_adaptive_avg_pool2d nn_functional_adaptive_max_pool1d
    nn_functional_adaptive_max_pool2d nn_functional_avg_pool1d nn_functional_conv_transpose1d
    nn_functional_conv_transpose2d nn_functional_conv1d nn_functional_conv2d nn_functional_conv3d
    nn_functional_group_norm nn_functional_layer_norm nn_functional_rms_norm
    nn_functional_pad_reflect nn_functional_pad_replicate nn_functional_pad_replicate_negative
    nn_functional_pad_circular nn_functional_avg_pool2d nn_functional_max_pool1d
    nn_functional_max_pool2d nn_functional_bilinear nn_functional_scaled_dot_product_attention
    nn_functional_batch_norm lerp index_select multinomial normal normal_number_mean bernoulli cat
    norm_nuc
"""
DIFFERENT: dict[str, str] = dict.fromkeys(_NOT_YET.split(), "not yet torch's")
"""Operators with samples whose results still differ from torch's, and in what."""


HALF = (4e-3, 2e-3)
"""float16 is storage here: kernels compute in float32, where torch rounds some steps to float16."""

VALUES = CLOSE | {"float16": HALF}
GRADIENTS = {name: (*VALUES[name], 1e-6) for name in VALUES} | {"float64": (1e-7, 1e-7, 1e-12)}
"""Of gradients: a part of each, a constant, and a part of the largest of them."""


def tolerances(op: Any) -> tuple[Any, Any]:
    """What values and gradients are compared with: every bit, or a table of pairs by dtype."""
    return VALUES, GRADIENTS
