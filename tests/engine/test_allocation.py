"""Large arrays take the memory of those before them, instead of new pages from the system."""

from __future__ import annotations

import subprocess
import sys

import pytest

from gradtui.engine import allocation

PROGRAM = """
import resource
import gradtui.engine as torch

x = torch.ones(1_000_000, requires_grad=True)
for n in range(6):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    (((x * 0.5 + 0.25).relu() - x) * x).sum().backward()
    x.grad = None
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(not allocation.keep_freed(), reason="the C library is not glibc")
def test_later_passes_ask_for_no_pages() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    assert int(ran.stdout) < 1000  # one array of a million floats is about as many pages
