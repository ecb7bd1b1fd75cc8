"""Forward mode: for every row ⟨v, J·u⟩ = ⟨vᵀJ, u⟩, and torch's tangents for the same programs."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest
import torch as real
from adjoint import Seen, events_of, inner_products
from opinfo import operators
from tangents import differences, lacking

from gradtui.engine.rows import IN_PLACE, TABLE, Row

ROWS = [
    row
    for rows in (*TABLE.values(), *IN_PLACE.values())
    for row in rows
    if row.formulas and not str(row.jvp).startswith("not_")
]


@pytest.fixture(scope="module")
def seen() -> Seen:
    return events_of(limit=6)


def test_every_row_says_how_tangents_travel() -> None:
    assert [row.name for row in ROWS if row.jvp is None] == []


APART = {
    "as_strided_scatter": "torch's derivative of self is not that of the operation",
    "max_unpool2d": "some samples name a place twice, where torch has no derivative",
    "max_unpool3d": "the same",
}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.name}-{row.node}")
def test_forward_agrees_with_backward(row: Row, seen: Seen) -> None:
    if row.name in APART:
        pytest.skip(APART[row.name])
    runs = seen.get(row, [])
    assert runs, "no program here runs this row"
    for bound in runs:
        for forward, backward in inner_products(row, bound):
            assert np.isclose(forward, backward, 1e-7, 1e-9), (bound, forward, backward)


LIMIT = int(os.environ.get("GRADTUI_TANGENTS", "2"))
"""Samples of each operator whose tangents are compared with torch's; 40 takes minutes."""

ELSEWHERE = {
    "nn.functional.conv_transpose2d": "the backward pass with output_padding",
    "nn.functional.group_norm": "torch refuses tangents of gradients without create_graph",
    "nn.functional.pad": "replication by a negative width",
    "as_strided": "the samples that are views of a larger storage are copied without it",
    **dict.fromkeys(
        ("linalg.det", "logdet", "linalg.slogdet", "linalg.solve"),
        "torch's tangents of these gradients leave out those of the factors it saved",
    ),
    "linalg.eigh": "eigenvectors may point the other way",
    "linalg.pinv": "torch takes only symmetric tangents of hermitian matrices",
    "linalg.lstsq": "torch's tangents come from another formula",
    "linalg.matrix_rank": "empty matrices",
    "nn.functional.triplet_margin_with_distance_loss": "samples hold functions of torch",
    "scatter_reduce_prod": "torch gives products no tangent",
    "linalg.solve_ex": "as linalg.solve",
    "linalg.tensorsolve": "as linalg.solve",
    **dict.fromkeys(("svd_lowrank", "pca_lowrank"), "singular vectors may point the other way"),
}


@pytest.mark.parametrize("op", operators()[0], ids=lambda op: f"{op.name}-{op.variant_test_name}")
def test_tangents_are_torchs(op: Any) -> None:
    for name in (op.name, op.formatted_name):
        if name in ELSEWHERE:
            pytest.skip(ELSEWHERE[name])
    found = [line for line in differences(op, real.float64, LIMIT) if not lacking(line)]
    assert found == []
