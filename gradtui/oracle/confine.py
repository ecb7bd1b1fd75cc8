"""What a process that runs a stranger's program may use: memory, time, no files, no processes."""

import contextlib
import ctypes
import os
import signal
import sys
from math import ceil

from gradtui.language.program import Limits

SLACK = 512 << 20  # bytes of address space beyond what the program may hold
FILES = 64  # open files: enough for a late import of torch's own
GRACE = 3.0  # seconds beyond the program's own limit
PR_SET_PDEATHSIG = 1


def die_with(parent: int) -> None:
    """Has the kernel end this process when its parent ends (Linux)."""
    if sys.platform != "linux":
        return
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(0)


def confine(limits: Limits, seconds: float) -> None:
    """Lowers this process's limits to what the program may use; there is no way back."""
    import resource

    room = int(limits.live_bytes * 1.25) + SLACK
    rows = [
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, FILES),
        (resource.RLIMIT_CPU, ceil(seconds + GRACE)),
    ]
    if hasattr(resource, "RLIMIT_NPROC"):
        rows.append((resource.RLIMIT_NPROC, 0))
    if sys.platform == "linux":
        rows.append((resource.RLIMIT_AS, _address_space() + room))
    for which, most in rows:
        hard = resource.getrlimit(which)[1]
        value = most if hard == resource.RLIM_INFINITY else min(most, hard)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(which, (value, value))


def _address_space() -> int:
    with open("/proc/self/statm", encoding="ascii") as statm:
        return int(statm.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
