"""Numbers out of arrays without dimensions, which is how tensors hold them."""

from __future__ import annotations

from typing import Any


def bare(x: Any) -> Any:
    """An array as it is, or its number where it has no dimensions."""
    return x if x.ndim else x[()]
