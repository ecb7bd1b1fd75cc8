"""`torch.special`: functions of higher mathematics, most of them known by other names too.

>>> import gradtui.engine as torch
>>> torch.special.expit(torch.tensor(0.0))
tensor(0.5000)
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradtui.engine.absent import missing
from gradtui.engine.lift import FUNCTIONS as F
from gradtui.engine.lift import native
from gradtui.engine.outputs import accepting
from gradtui.engine.tensor import TENSORS, wrap

SAME = {
    "digamma": "digamma", "psi": "digamma", "erf": "erf", "erfc": "erfc", "erfinv": "erfinv",
    "exp2": "exp2", "expit": "sigmoid", "expm1": "expm1", "gammaln": "lgamma", "log1p": "log1p",
    "log_softmax": "log_softmax", "logit": "logit", "logsumexp": "logsumexp", "polygamma":
    "polygamma", "sinc": "sinc", "softmax": "softmax", "xlogy": "xlogy",
}  # fmt: skip
"""Torch's functions by their names here."""


def _named(name: str) -> Any:
    def call(*args: Any, **kwargs: Any) -> Any:
        return F[name](*args, **kwargs)

    return call


def xlog1py(input: Any, other: Any) -> Any:
    """input·log(1 + other), and 0 where input is 0."""
    if input.__class__ not in TENSORS:
        input = wrap(np.asarray(input, other._data.dtype)[()])
    elif other.__class__ not in TENSORS:
        other = wrap(np.asarray(other, input._data.dtype)[()])
    return F["special_xlog1py"](input, other)


def round(input: Any, *, decimals: int = 0) -> Any:
    """The nearest number with so many decimals, the even one of two."""
    return F["round"](input, decimals=decimals)


@native
def ndtr(input: Any) -> Any:
    """The normal distribution function."""
    return (F["erf"](input * math.sqrt(0.5)) + 1) * 0.5


def entr(input: Any) -> Any:
    """-x·log x, 0 at 0, and -inf below."""
    return F["special_entr"](input)


xlog1py, ndtr, entr = (accepting(f"special_{f.__name__}", f) for f in (xlog1py, ndtr, entr))
globals().update({name: _named(of) for name, of in SAME.items()})


def __getattr__(name: str) -> Any:
    raise missing("torch.special", name)
