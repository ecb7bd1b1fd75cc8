"""Memory of large arrays is kept for the next ones, as long programs come to have it anyway.

By default glibc gives what an array of more than 128 kB had back to the system when the array is
freed, and raises that limit, up to 32 MB, as such arrays come and go; what lies free at the end of
its heap goes back beyond twice the limit. Each page that comes anew costs more than the arithmetic
on it, so the limits are set to their end at once.
"""

from __future__ import annotations

import ctypes
import sys

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # the parameters' numbers in malloc.h
LARGEST = 32 << 20  # bytes: the highest limit glibc raises itself to


def keep_freed() -> bool:
    """Sets the limits for this process; False where the C library is not glibc."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError):
        return False
    return bool(mallopt(MMAP_THRESHOLD, LARGEST) and mallopt(TRIM_THRESHOLD, 2 * LARGEST))
