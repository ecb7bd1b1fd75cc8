"""Which of equal entries `topk` names: C++'s `nth_element`, `sort` and `partial_sort`, step by step.

Torch leaves the choice between equal entries to libstdc++ (`bits/stl_algo.h`, `bits/stl_heap.h`):
introselect for the k-th entry and introsort for those before it, or a heap where k is small. The
items are numbers that are compared by `<`, and places that go with them.
"""

from __future__ import annotations

Item = tuple[int, int]
"""A rank, by which items are compared, and the place it came from."""


def first_of(ranks: list[int], k: int, sort: bool) -> list[int]:
    """The places of the `k` least ranks, in the order in which torch's topk gives them."""
    items = list(zip(ranks, range(len(ranks)), strict=True))
    if k * 64 <= len(items):
        _partial_sort(items, 0, k, len(items))
    elif k:
        _nth_element(items, k - 1)
        if sort:
            _sort(items, k - 1)
    return [place for _, place in items[:k]]


# -- introselect and introsort ---------------------------------------------------------------------


def _nth_element(v: list[Item], nth: int) -> None:
    first, last, depth = 0, len(v), 2 * (len(v).bit_length() - 1)
    if nth >= last:
        return
    while last - first > 3:
        if depth == 0:
            _heap_select(v, first, nth + 1, last)
            v[first], v[nth] = v[nth], v[first]
            return
        depth -= 1
        cut = _partition(v, first, last)
        if cut <= nth:
            first = cut
        else:
            last = cut
    _insertion_sort(v, first, last)


def _sort(v: list[Item], last: int) -> None:
    if last < 2:
        return
    _introsort(v, 0, last, 2 * (last.bit_length() - 1))
    _insertion_sort(v, 0, min(last, 16))
    for at in range(16, last):
        _insert(v, at)


def _introsort(v: list[Item], first: int, last: int, depth: int) -> None:
    while last - first > 16:
        if depth == 0:
            _partial_sort(v, first, last, last)
            return
        depth -= 1
        cut = _partition(v, first, last)
        _introsort(v, cut, last, depth)
        last = cut


def _partition(v: list[Item], first: int, last: int) -> int:
    """Smaller items before the cut, around the median of three."""
    _median_first(v, first, first + 1, first + (last - first) // 2, last - 1)
    pivot, low, high = v[first][0], first + 1, last
    while True:
        while v[low][0] < pivot:
            low += 1
        high -= 1
        while pivot < v[high][0]:
            high -= 1
        if low >= high:
            return low
        v[low], v[high] = v[high], v[low]
        low += 1


def _median_first(v: list[Item], to: int, a: int, b: int, c: int) -> None:
    x, y, z = v[a][0], v[b][0], v[c][0]
    if x < y:
        middle = b if y < z else c if x < z else a
    else:
        middle = a if x < z else c if y < z else b
    v[to], v[middle] = v[middle], v[to]


def _insertion_sort(v: list[Item], first: int, last: int) -> None:
    for at in range(first + 1, last):
        if v[at][0] < v[first][0]:
            v.insert(first, v.pop(at))
        else:
            _insert(v, at)


def _insert(v: list[Item], at: int) -> None:
    item = v[at]
    while item[0] < v[at - 1][0]:
        v[at] = v[at - 1]
        at -= 1
    v[at] = item


# -- heaps -----------------------------------------------------------------------------------------


def _partial_sort(v: list[Item], first: int, middle: int, last: int) -> None:
    _heap_select(v, first, middle, last)
    while middle - first > 1:
        middle -= 1
        _pop_heap(v, first, middle, middle)


def _heap_select(v: list[Item], first: int, middle: int, last: int) -> None:
    size = middle - first
    for parent in range((size - 2) // 2, -1, -1) if size > 1 else ():
        _sift(v, first, parent, size, v[first + parent])
    for at in range(middle, last):
        if v[at][0] < v[first][0]:
            _pop_heap(v, first, middle, at)


def _pop_heap(v: list[Item], first: int, last: int, to: int) -> None:
    item = v[to]
    v[to] = v[first]
    _sift(v, first, 0, last - first, item)


def _sift(v: list[Item], first: int, hole: int, size: int, item: Item) -> None:
    """Down to a leaf by the greater child, then up to where the item belongs."""
    top = hole
    child = hole
    while child < (size - 1) // 2:
        child = 2 * (child + 1)
        if v[first + child][0] < v[first + child - 1][0]:
            child -= 1
        v[first + hole] = v[first + child]
        hole = child
    if size % 2 == 0 and child == (size - 2) // 2:
        child = 2 * (child + 1)
        v[first + hole] = v[first + child - 1]
        hole = child - 1
    parent = (hole - 1) // 2
    while hole > top and v[first + parent][0] < item[0]:
        v[first + hole] = v[first + parent]
        hole, parent = parent, (parent - 1) // 2
    v[first + hole] = item
