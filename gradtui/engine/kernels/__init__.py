"""Operations on arrays computed as torch computes them, to the last bit where that can be had.

Arrays and numpy scalars (0-d results) go in and come out; no function here knows tensors.
"""

from gradtui.engine.kernels import arithmetic, reductions, sums, unary
from gradtui.engine.kernels.sums import mean_, sum_

__all__ = ["arithmetic", "mean_", "reductions", "sum_", "sums", "unary"]
