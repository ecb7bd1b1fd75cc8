"""How a draw of Gamma or Dirichlet moves with its parameters, as ATen's `Distributions.h` has it.

Implicit reparametrisation (Figurnov, Mohamed and Mnih, 2018) by series near 0, by saddle points for
large parameters, by rational fits between.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradtui.engine.kernels.gamma import digamma


def _psi(x: float) -> float:
    return float(digamma(np.float64(x)))


_UV = (
    (0.16009398, -0.094634809, 0.025146376, -0.0030648343, 1, 0.32668115, 0.10406089, 0.0014179084),
    (0.53487893, 0.1298071, 0.065735949, -0.0015649758, 0.16639465, 0.020070113, -0.0035938915,
     -0.00058392623),
    (0.040121004, -0.0065914022, -0.0026286047, -0.0013441777, 0.017050642, -0.0021309326,
     0.00085092367, -1.5247877e-07),
)  # fmt: skip


def _horner(v: float, coefficients: Any) -> float:
    found = 0.0
    for coefficient in reversed(coefficients):
        found = coefficient + v * found
    return found


def _gamma_near_zero(alpha: float, x: float) -> Any:
    numer, denom = 1.0, alpha
    first, second = 1 / denom, 1 / (denom * denom)
    for i in range(1, 6):
        numer *= -x / i
        denom += 1
        first += numer / denom
        second += numer / (denom * denom)
    power = x**alpha
    density, below = x ** (alpha - 1) * math.exp(-x), power * first
    moved = (math.log(x) - _psi(alpha)) * below - power * second
    return -moved / density if density else 0.0


def _gamma_large(alpha: float, x: float) -> Any:
    if 0.9 * alpha <= x <= 1.1 * alpha:
        one = 1 + 24 * alpha * (1 + 12 * alpha)
        two = (
            1440 * (alpha * alpha) + 6 * x * (53 - 120 * x) - 65 * x * x / alpha
            + alpha * (107 + 3600 * x)
        )  # fmt: skip
        return one * two / (1244160 * (alpha * alpha) * (alpha * alpha))
    denom = math.sqrt(8 * alpha)
    two, three = denom / (alpha - x), (x - alpha - alpha * math.log(x / alpha)) ** -1.5
    both = two - three if x < alpha else two + three
    last = math.sqrt(2 / alpha) * (alpha + x) / ((alpha - x) * (alpha - x))
    one = math.log(x / alpha) * both - last
    return -(1 + 1 / (12 * alpha) * (1 + 1 / (24 * alpha))) * (x * one) / denom


def gamma_slope(alpha: float, x: float) -> Any:
    """d draw / d shape, for a draw x of Gamma(alpha, 1)."""
    if x < 0.8:
        return _gamma_near_zero(alpha, x)
    if alpha > 8:
        return _gamma_large(alpha, x)
    u, v = math.log(x / alpha), math.log(alpha)
    fitted = [a + u * (b + u * c) for a, b, c in zip(*_UV, strict=True)]
    return math.exp(_horner(v, fitted[:4]) / _horner(v, fitted[4:]))


def gamma_slopes(alpha: Any, x: Any) -> Any:
    """The same for arrays."""
    return _each(gamma_slope, alpha, x)


def _each(slope: Any, *given: Any) -> Any:
    arrays = np.broadcast_arrays(*given)
    rows = zip(*(a.astype(np.float64).ravel().tolist() for a in arrays), strict=True)
    found = np.array([slope(*row) for row in rows], np.float64)
    return found.reshape(arrays[0].shape).astype(arrays[0].dtype)[()]


# -- Dirichlet -------------------------------------------------------------------------------------


def _beta_near_zero(x: float, alpha: float, beta: float) -> Any:
    factor = _psi(alpha) - _psi(alpha + beta) - math.log(x)
    numer, series = 1.0, 1 / alpha * (factor + 1 / alpha)
    for i in range(1, 11):
        numer *= (i - beta) * x / i
        series += numer / (alpha + i) * (factor + 1 / (alpha + i))
    return x * (1 - x) ** -beta * series


def _beta_near_one(x: float, alpha: float, beta: float) -> Any:
    factor = _psi(alpha + beta) - _psi(beta)
    numer, betas, moved, series = 1.0, 1.0, 0.0, factor / alpha
    for i in range(1, 9):
        numer *= -x / i
        moved = moved * (beta - i) + betas
        betas *= beta - i
        series += numer / (alpha + i) * (moved + factor * betas)
    return -((1 - x) ** (1 - beta)) * series


def _beta_large(x: float, alpha: float, beta: float) -> Any:
    total = alpha + beta
    mean = alpha / total
    if abs(x - mean) <= 0.1 * math.sqrt(alpha * beta / (total + 1)) / total:
        return _beta_middle(x, alpha, beta, total)
    stirling = _stirling(alpha) * _stirling(beta) / _stirling(total)
    away = alpha * (x - 1) + beta * x
    numer = 2 * (alpha * alpha) * (x - 1) + alpha * beta * (x - 1) - x * (beta * beta)
    first = numer / (math.sqrt(2 * alpha / beta) * total**1.5 * away * away)
    second = 0.5 * math.log(alpha / (total * x))
    third = math.sqrt(8 * alpha * beta / total) / away
    base = beta * math.log(beta / (total * (1 - x))) + alpha * math.log(alpha / (total * x))
    fourth = base**-1.5
    found = first + second * (third + (fourth if x < mean else -fourth))
    return stirling * (-x / math.sqrt(2 * alpha * beta / total)) * found


def _stirling(a: float) -> float:
    return 1 + 1 / (12 * a) + 1 / (288 * a * a)


def _beta_middle(x: float, alpha: float, beta: float, total: float) -> float:
    """Around the mean, where the other formula is 0 / 0."""
    square = beta * beta
    inner = (453 + 1620 * beta * (1 - x) - 455 * x) * beta
    inner += alpha * (8 * (1 - x) * (135 * beta - 11))
    inner = 3 * (59 + 180 * beta - 90 * x) * square + alpha * inner
    inner = (43 + 20 * (16 + 27 * beta) * x) * square * beta + alpha * inner
    poly = 47 * x * square * square + alpha * inner
    top = (1 + 12 * alpha) * (1 + 12 * beta) / (total * total)
    return top / (1 - x) * poly / (12960 * alpha**3 * square * (1 + 12 * total))


_FIT = np.array([
    1.003668233, -0.01061107488, -0.0657888334, 0.01201642863, 0.6336835991, -0.3557432599,
    0.05486251648, -0.001465281033, -0.03276231906, 0.004474107445, 0.002429354597, -0.0001557569013,
    0.221950385, -0.3187676331, 0.01799915743, 0.01074823814, -0.2951249643, 0.06219954479,
    0.01535556598, 0.001550077057, 0.02155310298, 0.004170831599, 0.001292462449, 6.976601077e-05,
    -0.05980841433, 0.008441916499, 0.01085618172, 0.002319392565, 0.02911413504, 0.01400243777,
    -0.002721828457, 0.000751041181, 0.005900514878, -0.001936558688, -9.495446725e-06,
    5.385558597e-05, 1, -0.02924021934, -0.04438342661, 0.007285809825, 0.6357567472, -0.3473456711,
    0.05454656494, -0.002407477521, -0.03301322327, 0.004845219414, 0.00231480583, -0.0002307248149,
    0.5925320577, -0.1757678135, 0.01505928619, 0.000564515273, 0.1014815858, -0.06589186703,
    0.01272886114, -0.0007316646956, -0.007258481865, 0.001096195486, 0.0003934994223, -4.12701925e-05,
    0.06469649321, -0.0236701437, 0.002902096474, -5.896963079e-05, 0.001925008108, -0.002869809258,
    0.0008000589141, -6.063713228e-05, -0.0003477407336, 6.959756487e-05, 1.097287507e-05,
    -1.650964693e-06,
]).reshape(2, 3, 3, 4).tolist()  # fmt: skip
"""Of a polynomial over another, in log x, log(alpha / x) and the rest of log total."""


def _fitted(x: float, alpha: float, total: float) -> float:
    u = math.log(x)
    a = math.log(alpha) - u
    b = math.log(total) - a
    ratio = [
        sum(u**i * a**j * _horner(b, part[i][j]) for i in range(3) for j in range(3))
        for part in _FIT
    ]
    return ratio[0] / ratio[1] * (x * (_psi(total) - _psi(alpha)) / (total - alpha))


def dirichlet_slope(x: float, alpha: float, total: float) -> Any:
    """d draw / d parameter of one entry, over 1 - x, the others moving to keep the sum."""
    beta, boundary = total - alpha, total * x * (1 - x)
    if x <= 0.5 and boundary < 2.5:
        return _beta_near_zero(x, alpha, beta)
    if x >= 0.5 and boundary < 0.75:
        return -_beta_near_one(1 - x, beta, alpha)
    if alpha > 6 and beta > 6:
        return _beta_large(x, alpha, beta)
    return _fitted(x, alpha, total)


def dirichlet_slopes(x: Any, alpha: Any, total: Any) -> Any:
    """The same for arrays."""
    return _each(dirichlet_slope, x, alpha, total)
