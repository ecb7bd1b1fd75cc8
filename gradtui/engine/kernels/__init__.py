"""Operations on arrays computed as torch computes them, to the last bit where that can be had."""

from gradtui.engine.kernels.sums import mean_, sum_

__all__ = ["mean_", "sum_"]
