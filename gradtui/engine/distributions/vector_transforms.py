"""Transforms of vectors and matrices: onto the simplex, onto triangles, onto positive matrices."""

from __future__ import annotations

import math
from typing import Any

from gradtui.engine.distributions import constraints
from gradtui.engine.distributions.base import in_torch
from gradtui.engine.distributions.transforms import Transform, check_dims, clipped_sigmoid
from gradtui.engine.dtypes import Size, finfo
from gradtui.engine.lift import FUNCTIONS as F
from gradtui.engine.nn import functional as nnf


@in_torch("transforms")
class SoftmaxTransform(Transform):
    """exp, over its sum."""

    domain, codomain = constraints.real_vector, constraints.simplex

    def _call(self, x: Any) -> Any:
        probs = (x - x.max(-1, True)[0]).exp()
        return probs / probs.sum(-1, True)

    def _inverse(self, y: Any) -> Any:
        return y.log()

    def forward_shape(self, shape: Any) -> Any:
        check_dims(shape, 1)
        return shape

    inverse_shape = forward_shape


@in_torch("transforms")
class StickBreakingTransform(Transform):
    """Breaks a stick of length 1, each time a share of what is left."""

    domain, codomain = constraints.real_vector, constraints.simplex
    bijective = True

    @staticmethod
    def _offset(x: Any, count: int) -> Any:
        return count - x.new_ones(x.shape[-1]).cumsum(-1)

    def _call(self, x: Any) -> Any:
        z = clipped_sigmoid(x - self._offset(x, x.shape[-1] + 1).log())
        left = (1 - z).cumprod(-1)
        return nnf.pad(z, [0, 1], value=1) * nnf.pad(left, [1, 0], value=1)

    def _inverse(self, y: Any) -> Any:
        kept = y[..., :-1]
        left = (1 - kept.cumsum(-1)).clamp(min=finfo(y.dtype).tiny)
        return kept.log() - left.log() + self._offset(kept, y.shape[-1]).log()

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        x = x - self._offset(x, x.shape[-1] + 1).log()
        return (-x + nnf.logsigmoid(x) + y[..., :-1].log()).sum(-1)

    def forward_shape(self, shape: Any) -> Any:
        check_dims(shape, 1)
        return type(shape)((*shape[:-1], shape[-1] + 1))

    def inverse_shape(self, shape: Any) -> Any:
        check_dims(shape, 1)
        return type(shape)((*shape[:-1], shape[-1] - 1))


@in_torch("transforms")
class LowerCholeskyTransform(Transform):
    """A lower triangle whose diagonal becomes positive."""

    domain, codomain = constraints.independent(constraints.real, 2), constraints.lower_cholesky

    def _call(self, x: Any) -> Any:
        return x.tril(-1) + x.diagonal(dim1=-2, dim2=-1).exp().diag_embed()

    def _inverse(self, y: Any) -> Any:
        return y.tril(-1) + y.diagonal(dim1=-2, dim2=-1).log().diag_embed()


@in_torch("transforms")
class PositiveDefiniteTransform(Transform):
    """Such a triangle times its transpose."""

    domain, codomain = constraints.independent(constraints.real, 2), constraints.positive_definite

    def _call(self, x: Any) -> Any:
        factor = LowerCholeskyTransform()(x)
        return factor @ factor.mT

    def _inverse(self, y: Any) -> Any:
        return LowerCholeskyTransform().inv(F["linalg_cholesky"](y))


@in_torch("transforms")
class ReshapeTransform(Transform):
    """The last dimensions in another shape."""

    bijective = True

    def __init__(self, in_shape: Any, out_shape: Any, cache_size: int = 0) -> None:
        self.in_shape, self.out_shape = Size(in_shape), Size(out_shape)
        if math.prod(self.in_shape) != math.prod(self.out_shape):
            raise ValueError("in_shape, out_shape have different numbers of elements")
        super().__init__(cache_size)
        self.domain = constraints.independent(constraints.real, len(self.in_shape))
        self.codomain = constraints.independent(constraints.real, len(self.out_shape))

    @staticmethod
    def _batch(x: Any, own: Any) -> Any:
        return x.shape[: x.dim() - len(own)]

    def _call(self, x: Any) -> Any:
        return x.reshape(self._batch(x, self.in_shape) + self.out_shape)

    def _inverse(self, y: Any) -> Any:
        return y.reshape(self._batch(y, self.out_shape) + self.in_shape)

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        return x.new_zeros(self._batch(x, self.in_shape))

    @staticmethod
    def _turned(shape: Any, own: Any, other: Any) -> Any:
        check_dims(shape, len(own))
        cut = len(shape) - len(own)
        if tuple(shape[cut:]) != tuple(own):
            raise ValueError(f"Shape mismatch: expected {shape[cut:]} but got {own}")
        return shape[:cut] + other

    def forward_shape(self, shape: Any) -> Any:
        return self._turned(shape, self.in_shape, self.out_shape)

    def inverse_shape(self, shape: Any) -> Any:
        return self._turned(shape, self.out_shape, self.in_shape)
