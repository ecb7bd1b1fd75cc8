"""Lines of a window shared between its panes: each gets what it wants, if there is room for all.

shared(12, (4, 9, 2), (1, 3, 1))      # [4, 6, 2]: the smallest wants are met first
"""

from collections.abc import Sequence


def shared(room: int, wants: Sequence[int], least: Sequence[int]) -> list[int]:
    """How many lines each of them has; never less than its least, whatever the room."""
    given = [min(want, few) for want, few in zip(wants, least, strict=True)]
    for _ in range(sum(given), room):
        open_ones = [at for at, want in enumerate(wants) if given[at] < want]
        if not open_ones:
            break
        given[min(open_ones, key=given.__getitem__)] += 1
    return given
