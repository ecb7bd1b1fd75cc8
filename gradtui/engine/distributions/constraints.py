"""`torch.distributions.constraints`: which values a parameter or a draw may have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradtui.engine.lift import FUNCTIONS as F

Check = Callable[[Any], Any]


class Constraint:
    """A set of numbers: `check` says of each entry (or event) whether it belongs to it."""

    def __init__(
        self, shown: str, check: Check, is_discrete: bool = False, event_dim: int = 0
    ) -> None:
        self.shown, self.check = shown, check
        self.is_discrete, self.event_dim = is_discrete, event_dim

    def __repr__(self) -> str:
        return self.shown


def interval(lower_bound: Any, upper_bound: Any) -> Constraint:
    """Numbers from one bound to the other."""
    return Constraint(
        f"Interval(lower_bound={lower_bound}, upper_bound={upper_bound})",
        lambda x: (lower_bound <= x) & (x <= upper_bound),
    )


def integer_interval(lower_bound: Any, upper_bound: Any) -> Constraint:
    """Whole numbers from one bound to the other."""
    return Constraint(
        f"IntegerInterval(lower_bound={lower_bound}, upper_bound={upper_bound})",
        lambda x: (x % 1 == 0) & (lower_bound <= x) & (x <= upper_bound),
        True,
    )


def greater_than(lower_bound: Any) -> Constraint:
    """Numbers above a bound."""
    return Constraint(f"GreaterThan(lower_bound={lower_bound})", lambda x: lower_bound < x)


def greater_than_eq(lower_bound: Any) -> Constraint:
    """Numbers from a bound on."""
    return Constraint(f"GreaterThanEq(lower_bound={lower_bound})", lambda x: lower_bound <= x)


def less_than(upper_bound: Any) -> Constraint:
    """Numbers below a bound."""
    return Constraint(f"LessThan(upper_bound={upper_bound})", lambda x: x < upper_bound)


def independent(base: Constraint, dims: int) -> Constraint:
    """What holds where it holds for all entries of the last dimensions."""

    def check(x: Any) -> Any:
        found = base.check(x)
        if found.dim() < dims:
            raise ValueError(f"Expected value.dim() >= {base.event_dim + dims} but got {x.dim()}")
        return found.reshape(*found.shape[: found.dim() - dims], -1).all(-1)

    shown = f"IndependentConstraint({base}, {dims})"
    return Constraint(shown, check, base.is_discrete, base.event_dim + dims)


def _one_hot(x: Any) -> Any:
    return ((x == 0) | (x == 1)).all(-1) & x.sum(-1).eq(1)


def _positive_definite(x: Any) -> Any:
    even = F["isclose"](x, x.mT, atol=1e-6).all(-2).all(-1)
    return F["linalg_cholesky_ex"](x)[1].eq(0) if bool(even.all()) else even


def _lower_cholesky(x: Any) -> Any:
    lower = (x.tril() == x).view(*x.shape[:-2], -1).min(-1)[0]
    return lower & (x.diagonal(dim1=-2, dim2=-1) > 0).min(-1)[0]


real = Constraint("Real()", lambda x: x == x)
boolean = Constraint("Boolean()", lambda x: (x == 0) | (x == 1), True)
one_hot = Constraint("OneHot()", _one_hot, True, 1)
positive, nonnegative = greater_than(0.0), greater_than_eq(0.0)
unit_interval = interval(0.0, 1.0)
nonnegative_integer = Constraint(
    "IntegerGreaterThan(lower_bound=0)", lambda x: (x % 1 == 0) & (x >= 0), True
)
simplex = Constraint(
    "Simplex()", lambda x: (x >= 0).all(-1) & ((x.sum(-1) - 1).abs() < 1e-6), event_dim=1
)
real_vector = independent(real, 1)
positive_definite = Constraint("PositiveDefinite()", _positive_definite, event_dim=2)
lower_cholesky = Constraint("LowerCholesky()", _lower_cholesky, event_dim=2)
positive_integer = Constraint(
    "IntegerGreaterThan(lower_bound=1)", lambda x: (x % 1 == 0) & (x >= 1), True
)
lower_triangular = Constraint(
    "LowerTriangular()",
    lambda x: (x.tril() == x).view(*x.shape[:-2], -1).min(-1)[0],
    event_dim=2,
)


def half_open_interval(lower_bound: Any, upper_bound: Any) -> Constraint:
    """Numbers from one bound to below the other."""
    return Constraint(
        f"HalfOpenInterval(lower_bound={lower_bound}, upper_bound={upper_bound})",
        lambda x: (lower_bound <= x) & (x < upper_bound),
    )


def multinomial(upper_bound: Any) -> Constraint:
    """Counts with that sum."""
    return Constraint(
        "Multinomial()", lambda x: (x >= 0).all(-1) & (x.sum(-1) <= upper_bound), True, 1
    )


def mixture(base: Constraint) -> Constraint:
    """What every component accepts, each in a dimension of its own."""

    def check(x: Any) -> Any:
        found = base.check(x.unsqueeze(-1 - base.event_dim))
        return found.all(-1) if found.dim() > max(x.dim() - base.event_dim, 0) else found

    return Constraint(
        f"MixtureSameFamilyConstraint({base})", check, base.is_discrete, base.event_dim
    )
