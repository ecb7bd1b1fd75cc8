"""`torch.special`: functions of higher mathematics, most of them known by other names too.

>>> import gradtui.engine as torch
>>> torch.special.expit(torch.tensor(0.0))
tensor(0.5000)
"""

from __future__ import annotations

import math
from typing import Any

from gradtui.engine.absent import missing
from gradtui.engine.lift import FUNCTIONS as F
from gradtui.engine.lift import native
from gradtui.engine.outputs import accepting
from gradtui.engine.parsed import members

SAME = {
    "digamma": "digamma", "psi": "digamma", "erf": "erf", "erfc": "erfc", "erfinv": "erfinv",
    "exp2": "exp2", "expit": "sigmoid", "expm1": "expm1", "gammaln": "lgamma", "log1p": "log1p",
    "log_softmax": "log_softmax", "logit": "logit", "logsumexp": "logsumexp", "polygamma":
    "polygamma", "sinc": "sinc", "softmax": "softmax", "xlogy": "xlogy", "i0": "i0",
    "gammainc": "igamma", "gammaincc": "igammac", "multigammaln": "mvlgamma",
}  # fmt: skip
"""Torch's functions by their names here."""

ALONE = """
xlog1py entr airy_ai bessel_j0 bessel_j1 bessel_y0 bessel_y1 i0e i1 i1e zeta ndtri log_ndtr erfcx
modified_bessel_i0 modified_bessel_i1
modified_bessel_k0 modified_bessel_k1 scaled_modified_bessel_k0 scaled_modified_bessel_k1
spherical_bessel_j0 chebyshev_polynomial_t chebyshev_polynomial_u chebyshev_polynomial_v
chebyshev_polynomial_w shifted_chebyshev_polynomial_t shifted_chebyshev_polynomial_u
shifted_chebyshev_polynomial_v shifted_chebyshev_polynomial_w hermite_polynomial_h
hermite_polynomial_he laguerre_polynomial_l legendre_polynomial_p
"""
"""Functions that have no other name."""


def _named(name: str) -> Any:
    def call(*args: Any, **kwargs: Any) -> Any:
        return F[name](*args, **kwargs)

    call.__name__ = name
    return call


def round(input: Any, *, decimals: int = 0) -> Any:
    """The nearest number with so many decimals, the even one of two."""
    return F["round"](input, decimals=decimals)


@native
def ndtr(input: Any) -> Any:
    """The normal distribution function."""
    return (F["erf"](input * math.sqrt(0.5)) + 1) * 0.5


ndtr = accepting("special_ndtr", ndtr)
globals().update({name: _named(of) for name, of in SAME.items()})
globals().update({name: _named(f"special_{name}") for name in ALONE.split()})
_ALL = (*SAME, *ALONE.split(), "ndtr", "round")
globals().update(members({name: globals()[name] for name in _ALL}, "special_"))


def __getattr__(name: str) -> Any:
    raise missing("torch.special", name)
