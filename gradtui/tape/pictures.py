"""A large Jacobian as a picture: some of its rows, made again from the tape, drawn by |J| in blocks.

rows_of(tape, node, 0, (0, 7))     # rows 0 and 7 of the Jacobian along edge 0
picture(tape, node, 0, (64, 64))   # Picture(("[█░░░░░░░]", …), built=512, reach=(8, 8))
"""

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np
from msgspec import Struct

from gradtui.engine import forward
from gradtui.engine.rows import Row, parameters_of
from gradtui.tape import events as e
from gradtui.tape.jacobians import PICKED, picked, sum_to
from gradtui.tape.rerun import FAULTS, Unsaid, again
from gradtui.tape.tape import Tape
from gradtui.tape.values import Array, array, grid

BLOCKS = 40  # columns of a picture at most
SHADES = "░▒▓█"


class Picture(Struct, frozen=True):
    """Some rows of a Jacobian drawn in blocks; `built` counts the entries made for it."""

    lines: tuple[str, ...]
    rows: tuple[int, ...]  # which were made
    built: int
    reach: tuple[int, int]  # the fewest and the most entries of a row that are not 0
    exact: bool = False  # whether the lines are the numbers themselves


def picture(tape: Tape, node: e.Node, edge: int, size: tuple[int, int]) -> Picture | None:
    """The picture of a node's Jacobian along an edge; None where its rows cannot be made."""
    memo: dict[tuple[int, int], Picture | None] = tape.memo.setdefault("pictures", {})
    if (node.id, edge) not in memo:
        memo[node.id, edge] = _drawn(tape, node, edge, size)
    return memo[node.id, edge]


def keep(tape: Tape, node: int, jacobians: Sequence[e.Value | None]) -> None:
    """Draws rows that were read from the node itself, where the tape could not give them."""
    memo: dict[tuple[int, int], Picture | None] = tape.memo.setdefault("pictures", {})
    for edge, value in enumerate(jacobians):
        made = None if value is None else array(value)
        if made is None or made.ndim != 2 or not made.size or memo.get((node, edge)) is not None:
            continue
        rows = prod(tape.nodes[node].shapes[0])
        if len(made) == len(picked(rows)):
            memo[node, edge] = _of(made, picked(rows))


def _of(made: Array, rows: tuple[int, ...]) -> Picture:
    found = np.count_nonzero(made, axis=1)
    reach = (int(found.min()), int(found.max()))
    if made.shape[1] <= PICKED and rows == tuple(range(len(rows))):
        return Picture(grid(made), rows, made.size, reach, True)
    return Picture(shaded(made), rows, made.size, reach)


def _drawn(tape: Tape, node: e.Node, edge: int, size: tuple[int, int]) -> Picture | None:
    rows = picked(size[0])
    made = rows_of(tape, node, edge, rows)
    if made is None or made.shape != (len(rows), size[1]) or not size[1]:
        return None
    return _of(made, rows)


def rows_of(tape: Tape, node: e.Node, edge: int, rows: Sequence[int]) -> Array | None:
    """Rows of the Jacobian of a node's first output: v·J for basis vectors v, by its formula."""
    try:
        row, bound, out = again(tape, node)
        outs = tuple(np.asarray(each) for each in (out if row.several else (out,)))
        return np.stack([_row(row, bound, outs, edge, at) for at in rows])
    except (Unsaid, *FAULTS):
        return None


def _row(row: Row, bound: Sequence[Any], outs: tuple[Array, ...], edge: int, at: int) -> Array:
    kinds = [out.dtype if out.dtype.kind == "f" else np.dtype("float64") for out in outs]
    grads = [np.zeros(out.shape, kind) for out, kind in zip(outs, kinds, strict=True)]
    grads[0].reshape(-1)[at] = 1
    name = row.arguments[row.edges[0 if row.spread else edge]]
    formula = row.formulas[name]
    call = forward.call(row, bound, outs)
    given = grads if parameters_of(formula)[0] == "grads" else grads[0]
    found = formula(given, *(call.value(each) for each in row.needs[name]))
    primal = bound[row.edges[0]][edge] if row.spread else bound[row.edges[edge]]
    made = found[edge] if row.spread or isinstance(found, tuple) else found  # one formula for all
    summed: Array = sum_to(np.asarray(made), np.asarray(primal).shape)
    return summed.reshape(-1)


def shaded(rows: Array) -> tuple[str, ...]:
    """The rows in blocks of columns, the darker the larger the largest |entry|; blank where all are 0."""
    sizes = np.nan_to_num(np.abs(rows.astype(float)))
    blocks = np.array_split(sizes, min(BLOCKS, sizes.shape[1]), axis=1)
    largest = np.stack([block.max(axis=1) for block in blocks], axis=1)
    top = largest.max()
    if not top:
        return tuple(f"[{' ' * largest.shape[1]}]" for _ in largest)
    levels = np.minimum((largest / top * len(SHADES)).astype(int), len(SHADES) - 1)
    return tuple(
        "[" + "".join(SHADES[n] if item else " " for n, item in zip(*line, strict=True)) + "]"
        for line in zip(levels, largest, strict=True)
    )
