"""Bessel functions that oscillate, of the first kind (J) and the second (Y), and Airy's function.

The rational functions are those of the Cephes library (Moshier, 1989), as torch has them; numerators
and denominators begin with the highest power.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradtui.engine.kernels.bessel import widening

_PP0 = (
    0.0007969367292973471, 0.08283523921074408, 1.239533716464143, 5.447250030587687,
    8.74716500199817, 5.303240382353949, 1.0,
)  # fmt: skip
_PQ0 = (
    0.0009244088105588637, 0.08562884743544745, 1.2535274390105895, 5.470977403304171,
    8.761908832370695, 5.306052882353947, 1.0,
)  # fmt: skip
_QP0 = (
    -0.011366383889846916, -1.2825271867050931, -19.553954425773597, -93.20601521237683,
    -177.68116798048806, -147.07750515495118, -51.41053267665993, -6.050143506007285,
)  # fmt: skip
_QQ0 = (
    64.3178256118178, 856.4300259769806, 3882.4018360540163, 7240.467741956525, 5930.727011873169,
    2062.0933166032783, 242.0057402402914,
)  # fmt: skip
_RP0 = (
    -4794432209.782018, 1956174919465.5657, -249248344360967.72, 9708622510473064.0,
)  # fmt: skip
_RQ0 = (
    499.563147152651, 173785.4016763747, 48440965.83399621, 11185553704.535683, 2112775201154.892,
    310518229857422.56, 3.1812195594320496e+16, 1.7108629408104315e+18,
)  # fmt: skip
_YP0 = (
    15592.436785523574, -14663929.59039716, 5435264770.518765, -982136065717.9115,
    87590639439536.7, -3466283033847297.0, 4.4273326857256984e+16, -1.8495080043698668e+16,
)  # fmt: skip
_YQ0 = (
    1041.2835366425984, 626107.330137135, 268919633.39381415, 86400248710.3935, 20297961275010.555,
    3171577528429750.5, 2.5059625617265306e+17,
)  # fmt: skip
_PP1 = (
    0.0007621256162081731, 0.07313970569409176, 1.1271960812968493, 5.112079511468076,
    8.424045901417724, 5.214515986823615, 1.0,
)  # fmt: skip
_PQ1 = (
    0.0005713231280725487, 0.06884559087544954, 1.105142326340617, 5.073863861286015,
    8.399855543276042, 5.209828486823619, 1.0,
)  # fmt: skip
_QP1 = (
    0.05108625947501766, 4.982138729512334, 75.82382841325453, 366.7796093601508,
    710.8563049989261, 597.4896124006136, 211.68875710057213, 25.207020585802372,
)  # fmt: skip
_QQ1 = (
    74.23732770356752, 1056.4488603826283, 4986.410583376536, 9562.318924047562, 7997.041604473507,
    2826.1927851763908, 336.0936078106983,
)  # fmt: skip
_RP1 = (
    -899971225.7055594, 452228297998.19403, -72749424522181.83, 3682957328638529.0,
)  # fmt: skip
_RQ1 = (
    620.8364781180543, 256987.25675774884, 83514679.14319493, 22151159547.97925, 4749141220799.914,
    784369607876235.9, 8.952223361846274e+16, 5.322786203326801e+18,
)  # fmt: skip
_YP1 = (
    1263204747.9017804, -647355876379.1603, 114509511541823.73, -8127702555013251.0,
    2.024394757135949e+17, -7.788771962659501e+17,
)  # fmt: skip
_YQ1 = (
    594.3015923461282, 235564.09294306856, 73481194.44597217, 18760131610.870617,
    3882312774962.3857, 620557727146953.8, 6.871410873553005e+16, 3.9727060811656064e+18,
)  # fmt: skip
_AN = (
    0.346538101525629, 12.007595273964581, 76.27960536152345, 168.08922493463058,
    159.75639135016442, 70.53609068404442, 14.026469116338967, 1.0,
)  # fmt: skip
_AD = (
    0.5675945326387702, 14.75625625848472, 84.51389701414746, 177.31808814540045,
    164.2346928715297, 71.47784008255756, 14.095913560783403, 1.0,
)  # fmt: skip
_AFN = (
    -0.1316963234183318, -0.6264565444319123, -0.6931580360369335, -0.2797799815451191,
    -0.04919001326095003, -0.004062659235948854, -0.0001592764962392621, -2.776491081552329e-06,
    -1.6778769848911465e-08,
)  # fmt: skip
_AFD = (
    13.356042070655324, 32.682503279522464, 26.736704094149957, 9.187074029072596,
    1.4752914677166642, 0.11568717379518804, 0.004402916416152112, 7.547203482874142e-05,
    4.5185009297058035e-07,
)  # fmt: skip
_AGN = (
    0.01973399320916857, 0.39110302961568827, 1.0657989759959559, 0.9391692298166502,
    0.35146565610554764, 0.06338889196289255, 0.005858041130483885, 0.000282851600836737,
    6.98793669997261e-06, 8.117892395543892e-08, 3.415517847659236e-10,
)  # fmt: skip
_AGD = (
    9.30892908077442, 19.835292871831214, 15.564662893286462, 5.476860694229755,
    0.9542936116189619, 0.08645808263523921, 0.004126565238242226, 0.00010125908511650914,
    1.1716673321441352e-06, 4.9183457006293e-09,
)  # fmt: skip


def _quotient(above: Any, below: Any, x: Any) -> Any:
    return np.polyval(above, x) / np.polyval(below, x)


def _far(x: Any, order: int, tables: Any, second: bool) -> Any:
    """Behind 5: a wave that dies away, of J or of Y."""
    pp, pq, qp, qq = tables
    inverse = 25.0 / (x * x)
    p, q = _quotient(pp, pq, inverse), 5.0 / x * _quotient(qp, qq, inverse)
    angle = x - (0.25 + 0.5 * order) * math.pi
    wave = (
        p * np.sin(angle) + q * np.cos(angle) if second else p * np.cos(angle) - q * np.sin(angle)
    )
    return wave * math.sqrt(2 / math.pi) / np.sqrt(x)


_FAR0, _FAR1 = (_PP0, _PQ0, _QP0, _QQ0), (_PP1, _PQ1, _QP1, _QQ1)
_ZEROS0 = 5.78318596294678452118, 30.4712623436620863991
_ZEROS1 = 14.6819706421238932572, 49.2184563216946036703


def _j0(x: Any) -> Any:
    size = np.abs(x)
    near, far = np.minimum(size, 5), np.maximum(size, 5)
    z = near * near
    inside = (z - _ZEROS0[0]) * (z - _ZEROS0[1]) * _quotient(_RP0, _RQ0, z)
    inside = np.where(near < 1e-5, 1 - z / 4, inside)
    return np.where(size <= 5, inside, _far(far, 0, _FAR0, False))


def _j1(x: Any) -> Any:
    size = np.abs(x)
    near, far = np.minimum(size, 5), np.maximum(size, 5)
    z = near * near
    inside = _quotient(_RP1, _RQ1, z) * near * (z - _ZEROS1[0]) * (z - _ZEROS1[1])
    found = np.where(size <= 5, inside, _far(far, 1, _FAR1, False))
    return np.where(x < 0, -found, found)


def _second(x: Any, inside: Any, far: Any) -> Any:
    """Y: infinite at 0, nan below."""
    found = np.where(x <= 5, inside, far)
    return np.where(x == 0, -np.inf, np.where(x < 0, np.nan, found))


def _y0(x: Any) -> Any:
    near, far = np.where((x > 0) & (x <= 5), x, 1.0), np.maximum(x, 5)
    inside = _quotient(_YP0, _YQ0, near * near) + 2 / math.pi * np.log(near) * _j0(near)
    return _second(x, inside, _far(far, 0, _FAR0, True))


def _y1(x: Any) -> Any:
    near, far = np.where((x > 0) & (x <= 5), x, 1.0), np.maximum(x, 5)
    inside = near * _quotient(_YP1, _YQ1, near * near)
    inside = inside + 2 / math.pi * (_j1(near) * np.log(near) - 1 / near)
    return _second(x, inside, _far(far, 1, _FAR1, True))


# -- Airy's function -------------------------------------------------------------------------------

_ROOT = 5.64189583547756286948e-01  # 1 / √π


def _airy_below(x: Any) -> Any:
    """Waves, below -2.09."""
    root = np.sqrt(-x)
    z = 1 / (-2 * x * root / 3)
    t = -2 * x * root / 3 + math.pi / 4
    f, g = 1 + z * z * _quotient(_AFN, _AFD, z * z), z * _quotient(_AGN, _AGD, z * z)
    return _ROOT / np.sqrt(root) * (np.sin(t) * f - np.cos(t) * g)


def _airy_above(x: Any) -> Any:
    """What dies away, from 2.09 on."""
    root = np.sqrt(x)
    zeta = 2 * x * root / 3
    return _ROOT * _quotient(_AN, _AD, 1 / zeta) / (2 * np.sqrt(root) * np.exp(zeta))


def _airy_between(x: Any) -> Any:
    """Its series."""
    cube, m, n = x * x * x, np.ones_like(x), x
    f, g, k = np.ones_like(x), x, 1.0
    for _ in range(60):
        m, n = m * cube / ((k + 1) * (k + 2)), n * cube / ((k + 2) * (k + 3))
        f, g, k = f + m, g + n, k + 3
    return 0.355028053887817239260 * f - 0.258819403792806798405 * g


def _airy(x: Any) -> Any:
    low, high = x < -2.09, x >= 2.09
    found = np.where(low, _airy_below(np.minimum(x, -2.09)), _airy_between(np.clip(x, -2.09, 2.09)))
    found = np.where(high, _airy_above(np.clip(x, 2.09, 104)), found)
    return np.where(np.isinf(x), np.nan, np.where(x > 103.892, 0.0, found))


j0, j1, y0, y1, airy = map(widening, (_j0, _j1, _y0, _y1, _airy))
