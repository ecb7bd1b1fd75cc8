"""The tape as a pane: rows are drawn when they come into sight, at any length."""

from typing import TYPE_CHECKING

from gradtui.tui.lines import BLANK, Line
from gradtui.tui.widgets.pane import Pane

if TYPE_CHECKING:
    from gradtui.tui.views.tape import TapeView


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
        if self._view is None or not 0 <= at < self._view.count:
            return BLANK
        line = self._drawn.get(at)
        if line is None:
            line = self._drawn[at] = self._view.line(at)
        return line

    def show_tape(self, view: "TapeView | None") -> None:
        """The tape at another moment."""
        before, drawn = self.count, self._drawn
        self._view, self._drawn = view, {}
        top = self.scroll_offset.y
        for at in range(top, min(self.count, top + self.size.height)):
            if at in drawn and drawn[at] != self.line_at(at):
                self.refresh_line(at)
        self.resize_to(self.count, before)
        if view is not None and view.current is not None:
            self.follow(view.current)

    def notify_style_update(self) -> None:
        self._drawn = {}
        super().notify_style_update()
