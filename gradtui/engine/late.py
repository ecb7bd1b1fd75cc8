"""Names whose code is loaded when they are first called, so that a start does not pay for them.

>>> import gradtui.engine as torch
>>> torch.i0(torch.tensor(0.0))  # loads gradtui.engine.table.higher
tensor(1.)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from gradtui.engine.lift import FUNCTIONS
from gradtui.engine.overloads import known
from gradtui.engine.parsed import parsed
from gradtui.engine.tensor import Tensor

TABLES: Mapping[str, str] = {
    "gradtui.engine.table.higher": """
        i0 special_i0e special_i1 special_i1e igamma igammac mvlgamma special_zeta special_ndtri
        special_log_ndtr special_erfcx special_airy_ai special_bessel_j0 special_bessel_j1
        special_bessel_y0 special_bessel_y1 special_modified_bessel_i0 special_modified_bessel_i1
        special_modified_bessel_k0 special_modified_bessel_k1 special_scaled_modified_bessel_k0
        special_scaled_modified_bessel_k1 special_spherical_bessel_j0
        special_chebyshev_polynomial_t special_chebyshev_polynomial_u special_chebyshev_polynomial_v
        special_chebyshev_polynomial_w special_shifted_chebyshev_polynomial_t
        special_shifted_chebyshev_polynomial_u special_shifted_chebyshev_polynomial_v
        special_shifted_chebyshev_polynomial_w special_hermite_polynomial_h
        special_hermite_polynomial_he special_laguerre_polynomial_l special_legendre_polynomial_p""",
    "gradtui.engine.table.solutions": """
        linalg_lu_factor_ex linalg_lu lu_unpack linalg_lu_solve""",
    "gradtui.engine.table.solved": """
        cholesky_solve cholesky_inverse triangular_solve linalg_cholesky_ex linalg_inv_ex
        linalg_solve_ex""",
    "gradtui.engine.table.reflections": "linalg_householder_product geqrf ormqr",
    "gradtui.engine.table.copies": """
        alias_copy as_strided_copy expand_copy narrow_copy permute_copy select_copy slice_copy
        split_copy split_with_sizes_copy squeeze_copy t_copy transpose_copy unbind_copy unfold_copy
        unsqueeze_copy view_copy""",
    "gradtui.engine.table.gamma_draws": """
        _standard_gamma _standard_gamma_grad _dirichlet_grad _drawn_binomial""",
    "gradtui.engine.factoring": """
        linalg_lu_factor lu_solve linalg_tensorinv linalg_tensorsolve orgqr""",
}
"""Parts of the table that are loaded late, and the operations each of them declares."""


PLAIN: Mapping[str, str] = {
    "gradtui.engine.factoring": "lu svd_lowrank pca_lowrank",
    "gradtui.engine.signal.periodic": """
        bartlett_window blackman_window hamming_window hann_window kaiser_window""",
    "gradtui.engine.autograd.anomaly": "is_anomaly_check_nan_enabled set_anomaly_enabled",
    "gradtui.engine.gammas": "binomial",
    "gradtui.engine.oddments": """
        asarray kl_div hinge_embedding_loss margin_ranking_loss cosine_embedding_loss
        poisson_nll_loss triplet_margin_loss instance_norm frobenius_norm index_put index_put_
        channel_shuffle conv_transpose3d max_pool3d unsafe_split_with_sizes is_conj is_neg
        is_signed get_device detach_ is_storage""",
    "gradtui.engine.blank": "empty_strided empty_permuted",
}
"""Functions of torch, whose arguments Python binds, by the module that has them."""

MODULES = frozenset({"distributions", "signal"})
"""Modules of torch that are loaded when a program names them."""

LOADED: dict[str, Callable[..., Any]] = {}
"""The functions of torch that have been loaded."""

LOADED_MODULES: set[str] = set()

PUBLISH: list[Callable[[dict[str, Callable[..., Any]], str], None]] = []
"""What makes functions and methods of the rows of a name."""


def function(module: str, name: str) -> Callable[..., Any]:
    """A function of a module that is loaded at the first call."""

    def call(*args: Any, **kwargs: Any) -> Any:
        return getattr(import_module(module), name)(*args, **kwargs)

    call.__name__ = call.__qualname__ = name
    return call


def table() -> None:
    """Loads every part of the table, for who wants to see all of it."""
    for module in TABLES:
        _load(module)


def declare(public: dict[str, Callable[..., Any]]) -> None:
    """Enters functions and methods that load their part of the table when they are called."""
    for module, names in PLAIN.items():
        public.update({name: parsed(name, function(module, name)) for name in names.split()})
    for module, names in TABLES.items():
        for name in names.split():
            FUNCTIONS[name] = _later(module, name, FUNCTIONS.__getitem__)
            for shown in (name, name + "_"):
                if known(shown, False):
                    public[shown] = _later(module, shown, LOADED.__getitem__)
                if known(shown, True):
                    setattr(Tensor, shown, _later(module, shown, Tensor.__dict__.__getitem__))


def _later(module: str, name: str, find: Callable[[str], Any]) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        _load(module)
        return find(name)(*args, **kwargs)

    call.__name__ = call.__qualname__ = name
    return call


def _load(module: str) -> None:
    if module in LOADED_MODULES:
        return
    LOADED_MODULES.add(module)
    import_module(module)
    for name in TABLES[module].split():
        PUBLISH[0](LOADED, name)
