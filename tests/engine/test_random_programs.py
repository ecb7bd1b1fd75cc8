"""Random programs on both engines: values, text, errors, graphs, strides and node order agree."""

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from parity import differences
from programs import write

CHUNK = 25


@pytest.mark.parametrize("start", range(0, 300, CHUNK))
def test_seeded_programs(start: int) -> None:
    for seed in range(start, start + CHUNK):
        program = write(random.Random(seed).randrange)
        assert not differences(program), f"seed {seed}\n{program}"


@settings(
    max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
@given(st.data())
def test_chosen_programs(data: st.DataObject) -> None:
    """Short ones, chosen by hypothesis so that what differs is made small."""
    program = write(lambda n: data.draw(st.integers(0, n - 1)), length=4)
    assert not differences(program), program
