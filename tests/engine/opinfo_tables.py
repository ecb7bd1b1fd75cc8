"""What may differ from torch in its operators' tests, and why: tolerances and samples left out."""

from __future__ import annotations

from typing import Any

_ONE_NODE = "torch sends back through one node, which is a formula of several operations here"
GRAPH_APART: dict[str, str] = {
    **dict.fromkeys(("nn_functional_batch_norm", "nn_functional_layer_norm"), _ONE_NODE),
    "nn_functional_group_norm": "the formula is another arrangement of torch's",
    "nn_functional_bilinear": "torch sends back through trilinear nodes again",
    "nn_functional_pad_circular": "CopySlices sends back without a clone here",
    "nn_functional_scaled_dot_product_attention": "torch takes a fused kernel for some sizes",
    "cumprod": "where there are zeros, the products are put together in another order",
    "as_strided": "one node for what torch does in several steps",
    "as_strided_partial_views": "the same",
}
"""Operators whose gradients have another graph than torch's under create_graph, and why."""

TIES = {"sort": 1, "argsort": 1, "mode": 1, "topk": 2, "kthvalue": 2}
"""Operators that may name any of several equal entries, with the place of their argument `dim`."""

UNSET = frozenset({"empty", "empty_like", "new_empty", "empty_strided", "new_empty_strided"})
"""Operators whose entries are whatever was in memory: shape, strides and dtype are compared."""

FORWARD_APART = frozenset({"nn_functional_scaled_dot_product_attention"})
"""Those of them whose results have another graph too."""

OUT_APART = {"normal_number_mean": "torch draws into an empty output before it looks at its shape"}
"""Operators that are not given an empty tensor as out=."""

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


HALF = (4e-3, 2e-3, 1e-3)
"""float16 is storage here: kernels compute in float32, where torch rounds some steps to float16."""

VALUES = {"float16": HALF, "float32": (1.3e-6, 1e-5, 1e-6), "float64": (1e-7, 1e-7, 1e-12)}
"""assert_close's part of each entry and constant, and a part of the largest, where terms cancel."""

CANCELLING: dict[str, str] = {
    "nn_functional_normalize": "second derivatives beside a norm near zero",
    "nn_functional_layer_norm": "differences from a mean of one entry",
    "nn_functional_scaled_dot_product_attention": "derivatives of a softmax that is nearly one-hot",
}
"""Operators with samples whose gradients in float32 are what rounding leaves of larger terms."""

LOOSE = VALUES | {"float32": (1e-4, 1e-4, 1e-4)}


def tolerances(op: Any) -> tuple[Any, Any]:
    """What values and gradients are compared with: every bit, or a table by dtype."""
    return VALUES, LOOSE if op.formatted_name in CANCELLING else VALUES
