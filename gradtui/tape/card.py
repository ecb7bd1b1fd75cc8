"""The shape of a card: titled sections of text, and the factors of a vector-Jacobian product."""

from typing import Literal, TypeAlias

from msgspec import Struct

from gradtui.language.source import Span
from gradtui.tape.events import Value
from gradtui.tape.rules import Structure

SectionKind: TypeAlias = Literal[
    "v", "jacobian", "product", "rule", "saved", "sum", "paths", "accumulate", "values", "reason",
    "remedy", "note", "output",
]  # fmt: skip
CardKind: TypeAlias = Literal[
    "start", "step", "statement", "iteration", "module", "operation", "bound", "printed", "backward",
    "node", "accumulate", "freed", "changed", "grad", "mode", "error", "stopped",
]  # fmt: skip


class Section(Struct, frozen=True):
    """A titled block of preformatted lines; grids keep their columns, so draw it in one width."""

    kind: SectionKind
    title: str  # "v  what arrives"
    lines: tuple[str, ...]


class Factor(Struct, frozen=True):
    """One edge of a backward node: v · J = product, sent to `target`."""

    edge: int
    v: Value | None
    jacobian: Value | None  # None when it is large or the edge is cut
    structure: Structure
    size: tuple[int, int]  # (output size, input size)
    product: Value | None
    target: str  # "x.grad", "y (PowBackward0)"


class Card(Struct, frozen=True):
    """What one event means. `title` is short, `sentence` is one plain sentence."""

    kind: CardKind
    title: str
    sentence: str
    event: int  # -1 before the first
    step: str | None
    span: Span | None
    tensor: int | None = None
    node: int | None = None
    sections: tuple[Section, ...] = ()
    factors: tuple[Factor, ...] = ()
