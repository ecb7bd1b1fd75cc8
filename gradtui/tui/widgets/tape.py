"""The tape as a pane: rows are drawn when they come into sight, at any length."""

from typing import TYPE_CHECKING

from gradtui.tui.lines import BLANK, Line, Piece
from gradtui.tui.widgets.pane import Pane

if TYPE_CHECKING:
    from gradtui.tui.views.tape import TapeView

EMPTY = Line.of(Piece(" Empty so far: each operation that runs adds a line.", "dim"))


class TapePane(Pane):
    """Shows a `TapeView`; on a step forward only the rows that changed are painted."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._view: TapeView | None = None
        self._drawn: dict[int, Line] = {}

    @property
    def count(self) -> int:
        return self._view.count if self._view is not None else 0

    def line_at(self, at: int) -> Line:
        if self._view is not None and not self._view.count and at == 0:
            return EMPTY
        if self._view is None or not 0 <= at < self._view.count:
            return BLANK
        line = self._drawn.get(at)
        if line is None:
            line = self._drawn[at] = self._view.line(at)
        return line

    @property
    def slack(self) -> int:
        """Room for what is still to happen, so that not every step forward has to scroll."""
        return self.size.height // 3

    def show_tape(self, view: "TapeView | None") -> None:
        """The tape at another moment."""
        self._view, self._drawn = view, {}
        self.follow(view.current if view is not None else None)
