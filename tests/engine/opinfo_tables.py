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
    **dict.fromkeys(
        "logdet linalg_det linalg_slogdet linalg_cond linalg_svdvals linalg_pinv "
        "pinverse linalg_cholesky linalg_solve linalg_solve_triangular linalg_matrix_norm "
        "linalg_matrix_power "
        "linalg_norm_subgradients_at_zero linalg_vecdot linalg_multi_dot".split(),
        "formulas of factors are another arrangement of torch's",
    ),
    "nn_functional_group_norm": "the formula is another arrangement of torch's",
    "nn_functional_bilinear": "torch sends back through trilinear nodes again",
    "nn_functional_pad_circular": "CopySlices sends back without a clone here",
    "nn_functional_scaled_dot_product_attention": "torch takes a fused kernel for some sizes",
    **dict.fromkeys(
        (
            "lu",
            "lu_solve",
            "linalg_lu",
            "linalg_lu_factor",
            "linalg_lu_factor_ex",
            "linalg_lu_solve",
            "ormqr",
            "linalg_householder_product",
            "linalg_cholesky_ex",
            "linalg_pinv_singular",
            "svd_lowrank",
            "pca_lowrank",
        ),
        "the formula is another arrangement of torch's",
    ),
    "norm_nuc": "the formula of singular values is another arrangement of torch's",
    "cumprod": "where there are zeros, the products are put together in another order",
    "block_diag": "numbers lose their dimensions in other steps",
    "as_strided": "one node for what torch does in several steps",
    "as_strided_partial_views": "the same",
    "nn_functional_grid_sample": "torch sends back to image and grid through one node",
    "nn_functional_max_unpool2d": "the layout of images of one channel",
    "nn_functional_max_unpool2d_grad": "the same",
}
"""Operators whose gradients have another graph than torch's under create_graph, and why."""

TIES = {"sort": 1, "argsort": 1, "mode": 1, "kthvalue": 2}
"""Operators that may name any of several equal entries, with the place of their argument `dim`."""

UNSET = frozenset(
    {"empty", "empty_like", "new_empty", "empty_strided", "new_empty_strided", "empty_permuted"}
)
"""Operators whose entries are whatever was in memory: shape, strides and dtype are compared."""

FORWARD_APART = frozenset({"nn_functional_scaled_dot_product_attention"})
"""Those of them whose results have another graph too."""

HALF_APART = {
    "histc": "float16 edges of bins",
    "nn_functional_grid_sample": "float16 places between entries",
    "nn_functional_multi_head_attention_forward": "float16 softmax of scores in the hundreds",
}
"""Operators that are not run in float16, where a rounding decides which entry wins."""

OUT_APART = {
    "linalg_tensorinv": "an empty output is laid out row by row",
    "cholesky_solve": "the same",
    "normal_number_mean": "torch draws into an empty output before it looks at its shape",
}
"""Operators that are not given an empty tensor as out=."""

SAMPLES_APART: dict[tuple[str, int], str] = {
    ("linalg_householder_product", n): "torch divides by a number near zero" for n in (6, 7)
}
"""Samples that are not run: (operator, number of the sample)."""

OPERATORS_APART: dict[str, str] = {}
"""Operators that are not run."""

DIFFERENT: dict[str, str] = {
    **dict.fromkeys(
        ("svd_lowrank", "pca_lowrank", "linalg_eigh", "linalg_svd", "svd"),
        "which of two signs vectors have, which another build of LAPACK chooses otherwise",
    ),
    "linalg_eigvalsh": "second derivatives, of which torch keeps one triangle",
    "linalg_lstsq": "its gradient goes through the pseudoinverse",
    "linalg_lstsq_grad_oriented": "its gradient goes through the pseudoinverse",
    "linalg_qr": "wide matrices have no gradient",
    "qr": "wide matrices have no gradient",
    "linalg_pinv_hermitian": "eigenvalues are singular values here",
    "cholesky": "the layout of an output for the upper factor",
    "matrix_exp": "infinities beside nan, and the steps of the gradient",
    "renorm": "its gradient goes through the norm, step by step",
    **dict.fromkeys(
        (f"polygamma_polygamma_n_{n}" for n in range(5)),
        "in place the entries are cloned; the last bits of series",
    ),
    "digamma": "the last bits of a series",
    "lgamma": "the last bits of a series",
    "special_polygamma_special_polygamma_n_0": "the last bits of a series",
}
"""Operators with samples whose results still differ from torch's, and in what."""


# -- how close -------------------------------------------------------------------------------------

HALF = (4e-3, 2e-3, 1e-3)
"""float16 is storage here: kernels compute in float32, where torch rounds some steps to float16."""

EXACT = {"float16": HALF}
"""Every bit, but of float16."""

UNARY = {"float16": HALF, "float32": (2.4e-7, 0.0, 0.0), "float64": (4.5e-16, 0.0, 0.0)}
"""Two units in the last place: functions that every library of mathematics rounds in its own way."""

CLOSE = {"float16": HALF, "float32": (1.3e-6, 1e-5, 1e-6), "float64": (1e-7, 1e-7, 1e-12)}
"""assert_close's part of each entry and constant, and a part of the largest, where terms cancel."""

LOOSE = {"float16": (2e-2, 2e-2, 1e-2), "float32": (1e-4, 1e-3, 1e-4), "float64": CLOSE["float64"]}

FUNCTIONS = """
    acos acosh asin asinh atan atanh cos cosh exp log1p log sin sinh tan tanh exp2 expm1 sqrt erf
    erfc
"""
"""Functions of one number, whose values are compared as UNARY; their gradients are CLOSE."""

COMPOSED = """
    addmm addmm_decomposed addmv addbmm baddbmm dot vdot bmm mv addr atan2 cross logaddexp matmul
    var_mean var_mean_unbiased std_mean std_mean_unbiased softmax softmax_with_dtype
    nn_functional_softmin nn_functional_softmin_with_dtype nn_functional_normalize
    nn_functional_avg_pool3d nn_functional_conv_transpose1d nn_functional_conv_transpose2d
    nn_functional_conv_transpose3d nn_functional_conv1d nn_functional_conv2d nn_functional_conv3d
    nn_functional_group_norm nn_functional_layer_norm nn_functional_avg_pool2d
    nn_functional_linear nn_functional_bilinear nn_functional_glu nn_functional_elu
    nn_functional_celu nn_functional_selu nn_functional_scaled_dot_product_attention
    nn_functional_logsigmoid nn_functional_mish nn_functional_tanhshrink nn_functional_batch_norm
    nn_functional_binary_cross_entropy nn_functional_softshrink nn_functional_gelu mm dist pow
    float_power __rpow__ einsum normal_number_mean hypot xlogy inner tensordot log_softmax
    log_softmax_with_dtype logit norm norm_nuc nn_functional_multi_head_attention_forward
    nn_functional_softplus nn_functional_gaussian_nll_loss nn_functional_poisson_nll_loss
    nn_functional_pairwise_distance nn_functional_cross_entropy
    nn_functional_binary_cross_entropy_with_logits nn_functional_instance_norm logsumexp
    nn_functional_cosine_embedding_loss nn_functional_interpolate_linear
    nn_functional_interpolate_bilinear nn_functional_interpolate_trilinear
    nn_functional_interpolate_bicubic nn_functional_interpolate_area nn_functional_upsample_bilinear
    nn_functional_adaptive_avg_pool3d nn_functional_local_response_norm
    nn_functional_multi_margin_loss
    nn_functional_multilabel_margin_loss nn_functional_multilabel_soft_margin_loss
    nn_functional_embedding_bag nn_functional_grid_sample nn_functional_ctc_loss nn_functional_pdist
    gradient logaddexp2 sinc erfinv cumulative_trapezoid special_ndtr
    logdet linalg_det linalg_slogdet linalg_cond linalg_svdvals linalg_pinv pinverse
    linalg_cholesky linalg_solve linalg_solve_triangular linalg_matrix_norm linalg_matrix_power
    linalg_norm
    linalg_norm_subgradients_at_zero linalg_vecdot linalg_multi_dot linalg_vector_norm linalg_inv
    linalg_matrix_rank linalg_matrix_rank_hermitian linalg_cross ldexp
    cdist corrcoef cov quantile nanquantile histogram special_xlog1py
    i0 igamma igammac special_i0e special_i1 special_i1e special_zeta special_ndtri
    special_log_ndtr special_erfcx special_spherical_bessel_j0
    special_airy_ai special_bessel_j0 special_bessel_j1 special_bessel_y0 special_bessel_y1
    special_modified_bessel_i0 special_modified_bessel_i1 special_modified_bessel_k0
    special_modified_bessel_k1 special_scaled_modified_bessel_k0 special_scaled_modified_bessel_k1
    mvlgamma_mvlgamma_p_1 mvlgamma_mvlgamma_p_3 mvlgamma_mvlgamma_p_5
    special_laguerre_polynomial_l special_legendre_polynomial_p
    special_chebyshev_polynomial_t special_chebyshev_polynomial_u special_chebyshev_polynomial_v
    special_chebyshev_polynomial_w special_shifted_chebyshev_polynomial_t
    special_shifted_chebyshev_polynomial_u special_shifted_chebyshev_polynomial_v
    special_shifted_chebyshev_polynomial_w special_hermite_polynomial_h
    special_hermite_polynomial_he
    signal_windows_hann signal_windows_blackman signal_windows_cosine signal_windows_exponential
    signal_windows_kaiser signal_windows_nuttall
    lu_solve lu linalg_lu linalg_lu_factor linalg_lu_factor_ex linalg_lu_solve linalg_inv_ex
    linalg_solve_ex linalg_tensorinv linalg_tensorsolve linalg_cholesky_ex cholesky_inverse
    cholesky_solve triangular_solve geqrf ormqr linalg_householder_product linalg_pinv_singular
"""
"""Operators made of such functions, or of sums that torch's libraries add up in another order."""

SLOPES = """
    cumprod div_no_rounding_mode true_divide nn_functional_cosine_similarity
    nn_functional_avg_pool1d nn_functional_pad_circular nn_functional_soft_margin_loss
    nn_functional_hardsigmoid nn_functional_softsign lerp unfold logcumsumexp
    nn_functional_smooth_l1_loss nn_functional_mse_loss prod
    special_entr nn_functional_huber_loss nn_functional_kl_div unfold_copy
"""
"""Operators with exact values whose gradients are such compositions."""

CANCELLING: dict[str, str] = {
    "nn_functional_normalize": "second derivatives beside a norm near zero",
    **dict.fromkeys(
        ("pinverse", "linalg_pinv"), "second derivatives of matrices that are nearly singular"
    ),
    "cov": "a sum that is nearly zero",
    "linalg_householder_product": "the recurrence runs the other way",
    "linalg_tensorsolve": "a nearly singular matrix",
    "special_log_ndtr": "the exponential of a difference of large numbers",
    "nn_functional_ctc_loss": "differences of logarithms of many steps",
    "nn_functional_layer_norm": "differences from a mean of one entry",
    "nn_functional_scaled_dot_product_attention": "derivatives of a softmax that is nearly one-hot",
}
"""Operators with samples whose gradients in float32 are what rounding leaves of larger terms."""

_FUNCTIONS, _COMPOSED = frozenset(FUNCTIONS.split()), frozenset(COMPOSED.split())
_CLOSE_SLOPES = _FUNCTIONS | _COMPOSED | frozenset(SLOPES.split())


def tolerances(op: Any) -> tuple[Any, Any]:
    """What values and gradients are compared with: every bit, unless a table names the operator."""
    name = op.formatted_name
    if name in DIFFERENT:
        return CLOSE, CLOSE
    values = UNARY if name in _FUNCTIONS else CLOSE if name in _COMPOSED else EXACT
    slopes = CLOSE if name in _CLOSE_SLOPES else EXACT
    return LOOSE if name in FORWARD_APART else values, LOOSE if name in CANCELLING else slopes
