"""Forward mode: for every row ⟨v, J·u⟩ = ⟨vᵀJ, u⟩, and torch's tangents for the same programs."""

from __future__ import annotations

import numpy as np
import pytest
from adjoint import Seen, events_of, inner_products

from gradtui.engine.rows import IN_PLACE, TABLE

ROWS = [
    row
    for rows in (*TABLE.values(), *IN_PLACE.values())
    for row in rows
    if row.formulas and row.jvp != "not_implemented"
]


@pytest.fixture(scope="module")
def seen() -> Seen:
    return events_of(limit=6)


def test_every_row_says_how_tangents_travel() -> None:
    assert [row.name for row in ROWS if row.jvp is None] == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.name}-{row.node}")
def test_forward_agrees_with_backward(row: object, seen: Seen) -> None:
    runs = seen.get(row, [])
    assert runs, "no program here runs this row"
    for bound in runs:
        for forward, backward in inner_products(row, bound):
            assert np.isclose(forward, backward, 1e-7, 1e-9), (bound, forward, backward)
