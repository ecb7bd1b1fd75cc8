"""Distributions of vectors."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from gradtui.engine import creation
from gradtui.engine.distributions import constraints
from gradtui.engine.distributions.base import (
    Distribution,
    in_torch,
    lazy,
    standard_normal,
    sum_rightmost,
)
from gradtui.engine.lift import FUNCTIONS as F


@in_torch("independent")
class Independent(Distribution):
    """The last of a distribution's batch dimensions taken as one event."""

    def __init__(
        self,
        base_distribution: Any,
        reinterpreted_batch_ndims: int,
        validate_args: bool | None = None,
    ) -> None:
        count = len(base_distribution.batch_shape)
        if reinterpreted_batch_ndims > count:
            raise ValueError(
                "Expected reinterpreted_batch_ndims <= len(base_distribution.batch_shape), actual "
                f"{reinterpreted_batch_ndims} vs {count}"
            )
        self.base_dist = base_distribution
        self.reinterpreted_batch_ndims = reinterpreted_batch_ndims
        shape = base_distribution.batch_shape + base_distribution.event_shape
        split = count - reinterpreted_batch_ndims
        super().__init__(shape[:split], shape[split:], validate_args=validate_args)

    @property
    def has_rsample(self) -> Any:
        """As the distribution has."""
        return self.base_dist.has_rsample

    @property
    def has_enumerate_support(self) -> Any:
        """As the distribution has, where nothing is taken together."""
        return not self.reinterpreted_batch_ndims and self.base_dist.has_enumerate_support

    @property
    def support(self) -> Any:
        """As the distribution's, for every entry."""
        base = self.base_dist.support
        dims = self.reinterpreted_batch_ndims
        return constraints.independent(base, dims) if dims else base

    @property
    def mean(self) -> Any:
        """As the distribution's."""
        return self.base_dist.mean

    @property
    def mode(self) -> Any:
        """As the distribution's."""
        return self.base_dist.mode

    @property
    def variance(self) -> Any:
        """As the distribution's."""
        return self.base_dist.variance

    def sample(self, sample_shape: Any = ()) -> Any:
        return self.base_dist.sample(sample_shape)

    def rsample(self, sample_shape: Any = ()) -> Any:
        return self.base_dist.rsample(sample_shape)

    def log_prob(self, value: Any) -> Any:
        return sum_rightmost(self.base_dist.log_prob(value), self.reinterpreted_batch_ndims)

    def entropy(self) -> Any:
        return sum_rightmost(self.base_dist.entropy(), self.reinterpreted_batch_ndims)

    def enumerate_support(self, expand: bool = True) -> Any:
        if self.reinterpreted_batch_ndims > 0:
            raise NotImplementedError("Enumeration over cartesian product is not implemented")
        return self.base_dist.enumerate_support(expand)

    def _expanded(self) -> None:
        own = self._event_shape[: self.reinterpreted_batch_ndims]
        self.base_dist = self.base_dist.expand((*self._batch_shape, *own))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.base_dist}, {self.reinterpreted_batch_ndims})"


def _from_precision(precision: Any) -> Any:
    factor = F["linalg_cholesky"](F["flip"](precision, (-2, -1)))
    turned = F["transpose"](F["flip"](factor, (-2, -1)), -2, -1)
    one = creation.eye(precision.shape[-1], dtype=precision.dtype)
    return F["linalg_solve_triangular"](turned, one, upper=False)


def mahalanobis(factor: Any, away: Any) -> Any:
    """The squared length of vectors, measured by a triangular factor of the covariance."""
    shape = F["broadcast_shapes"](factor.shape[:-2], away.shape[:-1])
    if factor.dim() == 2:
        flat = away.reshape(-1, away.shape[-1])
        found = F["linalg_solve_triangular"](factor, flat.mT, upper=False)
        return found.pow(2).sum(-2).reshape(away.shape[:-1])
    wide = away.expand(*shape, -1).unsqueeze(-1)
    found = F["linalg_solve_triangular"](factor.expand(*shape, -1, -1), wide, upper=False)
    return found.pow(2).sum(-2).squeeze(-1)


@in_torch("multivariate_normal")
class MultivariateNormal(Distribution):
    """A bell over a space, by its covariance, the inverse of that, or a triangular factor."""

    support = constraints.real_vector
    has_rsample = True
    parameters = ("loc", "covariance_matrix", "precision_matrix", "scale_tril")
    event_dims: ClassVar = {
        "loc": 1,
        "covariance_matrix": 2,
        "precision_matrix": 2,
        "scale_tril": 2,
    }

    def __init__(
        self,
        loc: Any,
        covariance_matrix: Any = None,
        precision_matrix: Any = None,
        scale_tril: Any = None,
        validate_args: bool | None = None,
    ) -> None:
        if loc.dim() < 1:
            raise ValueError("loc must be at least one-dimensional.")
        given = {
            "covariance_matrix": covariance_matrix,
            "precision_matrix": precision_matrix,
            "scale_tril": scale_tril,
        }
        named = [(name, value) for name, value in given.items() if value is not None]
        if len(named) != 1:
            raise ValueError(
                "Exactly one of covariance_matrix or precision_matrix or scale_tril may be "
                "specified."
            )
        ((name, matrix),) = named
        if matrix.dim() < 2:
            shown = "scale_tril matrix" if name == "scale_tril" else name
            raise ValueError(
                f"{shown} must be at least two-dimensional, with optional leading batch dimensions"
            )
        batch = F["broadcast_shapes"](matrix.shape[:-2], loc.shape[:-1])
        self.__dict__[name] = matrix.expand(*batch, -1, -1)
        self.loc = loc.expand(*batch, -1)
        super().__init__(batch, self.loc.shape[-1:], validate_args=validate_args)
        self._unbroadcasted_scale_tril = self._factor(name, matrix)

    @staticmethod
    def _factor(name: str, matrix: Any) -> Any:
        if name == "scale_tril":
            return matrix
        if name == "covariance_matrix":
            return F["linalg_cholesky"](matrix)
        return _from_precision(matrix)

    def constraints_of(self) -> dict[str, constraints.Constraint]:
        return {
            "loc": constraints.real_vector,
            "covariance_matrix": constraints.positive_definite,
            "precision_matrix": constraints.positive_definite,
            "scale_tril": constraints.lower_cholesky,
        }

    def _square(self, matrix: Any) -> Any:
        return matrix.expand(self._batch_shape + self._event_shape + self._event_shape)

    @lazy
    def scale_tril(self) -> Any:
        """The triangular factor of the covariance."""
        return self._square(self._unbroadcasted_scale_tril)

    @lazy
    def covariance_matrix(self) -> Any:
        """How the entries move together."""
        factor = self._unbroadcasted_scale_tril
        return self._square(F["matmul"](factor, factor.mT))

    @lazy
    def precision_matrix(self) -> Any:
        """The inverse of the covariance."""
        return self._square(F["cholesky_inverse"](self._unbroadcasted_scale_tril))

    @property
    def mean(self) -> Any:
        """The centre."""
        return self.loc

    mode = mean

    @property
    def variance(self) -> Any:
        """The diagonal of the covariance."""
        found = self._unbroadcasted_scale_tril.pow(2).sum(-1)
        return found.expand(self._batch_shape + self._event_shape)

    def rsample(self, sample_shape: Any = ()) -> Any:
        eps = standard_normal(self._extended_shape(sample_shape), self.loc)
        turned = F["matmul"](self._unbroadcasted_scale_tril, eps.unsqueeze(-1)).squeeze(-1)
        return self.loc + turned

    def half_log_det(self) -> Any:
        """Half the logarithm of the determinant of the covariance."""
        return self._unbroadcasted_scale_tril.diagonal(dim1=-2, dim2=-1).log().sum(-1)

    def log_prob(self, value: Any) -> Any:
        self._validate(value)
        length = mahalanobis(self._unbroadcasted_scale_tril, value - self.loc)
        constant = self._event_shape[0] * math.log(2 * math.pi)
        return -0.5 * (constant + length) - self.half_log_det()

    def entropy(self) -> Any:
        count = self._event_shape[0]
        found = 0.5 * count * (1.0 + math.log(2 * math.pi)) + self.half_log_det()
        return found.expand(self._batch_shape) if self._batch_shape else found
