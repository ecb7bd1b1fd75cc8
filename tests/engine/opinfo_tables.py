"""What may differ from torch in its operators' tests, and why: tolerances and samples left out."""

from __future__ import annotations

from typing import Any

_ONE_NODE = "torch sends back through one node, which is a formula of several operations here"
GRAPH_APART: dict[str, str] = {
    **dict.fromkeys(
        (
            "nn_functional_batch_norm",
            "nn_functional_instance_norm",
            "nn_functional_layer_norm",
        ),
        _ONE_NODE,
    ),
    "nn_functional_group_norm": "the formula is another arrangement of torch's",
    "nn_functional_bilinear": "torch sends back through trilinear nodes again",
    "nn_functional_pad_circular": "CopySlices sends back without a clone here",
    "nn_functional_scaled_dot_product_attention": "torch takes a fused kernel for some sizes",
    "norm_nuc": "the formula of singular values is another arrangement of torch's",
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

_LINEAR_ALGEBRA = """
    cholesky matrix_exp qr svd pinverse logdet linalg_cross linalg_det linalg_cholesky
    linalg_vecdot linalg_cond linalg_eigh linalg_eigvalsh linalg_lstsq linalg_matrix_power
    linalg_multi_dot linalg_norm linalg_norm_subgradients_at_zero linalg_matrix_norm linalg_qr
    linalg_slogdet linalg_vander linalg_vector_norm linalg_inv linalg_solve
    linalg_solve_triangular linalg_matrix_rank linalg_matrix_rank_hermitian linalg_pinv
    linalg_pinv_hermitian linalg_svd linalg_svdvals
"""
_COMBINING = """
    block_diag combinations corrcoef cov gradient isin ldexp logaddexp2 quantile heaviside nextafter
    sinc polygamma_polygamma_n_0 polygamma_polygamma_n_1 polygamma_polygamma_n_2
    polygamma_polygamma_n_3 polygamma_polygamma_n_4 histc bucketize searchsorted renorm
    take_along_dim cumulative_trapezoid digamma erfinv lgamma special_ndtr
    special_polygamma_special_polygamma_n_0 special_xlog1py special_entr
"""
DIFFERENT: dict[str, str] = dict.fromkeys(
    _LINEAR_ALGEBRA.split(), "out=, the layout of results, the graphs of gradients"
) | dict.fromkeys(_COMBINING.split(), "out=, errors, rare arguments, the graphs of gradients")
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

LOOSE = {"float16": (2e-2, 2e-2, 1e-2), "float32": (1e-4, 1e-3, 1e-4), "float64": VALUES["float64"]}


def tolerances(op: Any) -> tuple[Any, Any]:
    """What values and gradients are compared with: every bit, or a table by dtype."""
    name = op.formatted_name
    return LOOSE if name in FORWARD_APART else VALUES, LOOSE if name in CANCELLING else VALUES
