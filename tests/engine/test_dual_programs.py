"""Random programs over dual tensors: every tensor has torch's tangent at the end."""

import pytest
import torch as real
from dual_programs import APART, dual_program, first_difference, moved

import gradtui.engine as torch

CHUNK = 20


@pytest.mark.parametrize("start", range(0, 100, CHUNK))
def test_tangents_of_random_programs(start: int) -> None:
    for seed in range(start, start + CHUNK):
        program = dual_program(seed)
        if APART.search(program):
            continue
        theirs, _ = moved(real, program)
        ours, _ = moved(torch, program)
        assert first_difference(ours, theirs) == "", f"seed {seed}\n{program}"
