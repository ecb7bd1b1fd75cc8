"""Torch's own selection, whose choice among equal entries nothing but the same steps can repeat."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def quick_select(k: int) -> Callable[[Any, int], Any]:
    """Finds along an axis the place of the entry of rank `k`, nan counted as the greatest."""

    def find(x: Any, axis: int) -> Any:
        return np.apply_along_axis(lambda line: _select(line.tolist(), k), axis, x)

    return find


def _greater(a: Any, b: Any) -> bool:
    return bool((a != a and b == b) or a > b)


def _select(line: list[Any], k: int) -> int:
    """The steps of `quick_select_template` in `aten/src/ATen/native/Sorting.cpp`."""
    places = list(range(len(line)))

    def swap(a: int, b: int) -> None:
        line[a], line[b] = line[b], line[a]
        places[a], places[b] = places[b], places[a]

    left, right = 0, len(line) - 1
    while right > left + 1:
        swap((left + right) // 2, left + 1)
        for a, b in ((left + 1, right), (left, right), (left + 1, left)):
            if _greater(line[a], line[b]):
                swap(a, b)
        at = _partition(line, left, right, swap)
        left, right = (at[0] if at[1] <= k else left), (at[1] - 1 if at[1] >= k else right)
    if right == left + 1 and _greater(line[left], line[right]):
        swap(left, right)
    return places[k]


def _partition(
    line: list[Any], left: int, right: int, swap: Callable[[int, int], None]
) -> tuple[int, int]:
    i, j, pivot = left + 1, right, line[left]
    while True:
        i += 1
        while _greater(pivot, line[i]):
            i += 1
        j -= 1
        while _greater(line[j], pivot):
            j -= 1
        if j < i:
            break
        swap(i, j)
    swap(left, j)
    return i, j
