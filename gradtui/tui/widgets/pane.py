"""A pane of lines: repaints only the lines that changed, scrolls, and tells what was clicked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from gradtui.tui.lines import BLANK, Line, Piece, Target, plain
from gradtui.tui.roles import COMPONENTS, component, css


class Pane(ScrollView, can_focus=False):
    """Draws lines. `show` takes new ones; what differs from the last is painted again."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(COMPONENTS)
    DEFAULT_CSS = """
        Pane {
            background: $background;
            color: $foreground;
            scrollbar-size-vertical: 1;
            scrollbar-size-horizontal: 0;
            overflow-x: hidden;
            overflow-y: auto;
        }
        """ + css("Pane")

    @dataclass
    class Picked(Message):
        """A click on something that does something."""

        pane: "Pane"
        target: Target

        @property
        def control(self) -> "Pane":
            return self.pane

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._lines: tuple[Line, ...] = ()
        self._styles_by_role: dict[str, Style] = {}

    # what is shown

    @property
    def count(self) -> int:
        """How many lines there are."""
        return len(self._lines)

    def line_at(self, at: int) -> Line:
        """One of them; blank beyond the last."""
        return self._lines[at] if 0 <= at < len(self._lines) else BLANK

    def show(self, lines: Sequence[Line], follow: int | None = None) -> None:
        """Show these lines; with `follow`, scroll so that line can be seen."""
        old, self._lines = self._lines, tuple(lines)
        for y, (before, after) in enumerate(zip(old, self._lines, strict=False)):
            if before is not after and before != after:
                self.refresh_line(y)
        self.resize_to(len(self._lines), len(old))
        if follow is not None:
            self.follow(follow)

    def resize_to(self, count: int, before: int) -> None:
        """There are so many lines now: paint those that came or went."""
        if count != before:
            self.virtual_size = Size(self.room, count)
            self.refresh_lines(min(count, before), abs(count - before))

    def follow(self, y: int, margin: int = 1) -> None:
        """Scroll as little as shows line `y` with some lines around it."""
        height = self.size.height
        if not height:
            return
        margin = min(margin, (height - 1) // 2)
        top = round(self.scroll_y)
        low, high = y - height + 1 + margin, y - margin
        wanted = min(max(top, low), high)
        wanted = max(0, min(wanted, self.count - height))
        if wanted != top:
            self.scroll_to(y=wanted, animate=False, force=True)

    @property
    def room(self) -> int:
        """Columns for text: the width without the scrollbar, whether or not it is there."""
        return max(1, self.size.width - (0 if self.show_vertical_scrollbar else self.bar_width))

    @property
    def bar_width(self) -> int:
        return self.styles.scrollbar_size_vertical if self.styles.overflow_y != "hidden" else 0

    # drawing

    def render_line(self, y: int) -> Strip:
        scroll_x, scroll_y = self.scroll_offset
        at = scroll_y + y
        strip = self.strip(self.line_at(at), self.size.width)
        selection = self.text_selection
        if selection is not None and (span := selection.get_span(at)) is not None:
            strip = self._selected(strip, *span)
        return strip.apply_offsets(scroll_x, at)

    def strip(self, line: Line, width: int) -> Strip:
        """A line as Textual paints it, exactly `width` columns."""
        base = self.rich_style + self.style_of(line.role)
        segments = [Segment(text, base + self.style_of(role)) for text, role, _ in line.pieces]
        used = sum(cell_len(piece.text) for piece in line.pieces)
        if used < width:
            segments.append(Segment(" " * (width - used), base))
        strip = Strip(segments, max(used, width))
        return strip if used <= width else strip.crop(0, width)

    def style_of(self, roles: str) -> Style:
        """What one or more roles add to the pane's own style."""
        found = self._styles_by_role.get(roles)
        if found is None:
            found = Style.null()
            for role in roles.split():
                found += self.get_component_rich_style(component(role), partial=True)
            self._styles_by_role[roles] = found
        return found

    def _selected(self, strip: Strip, start: int, end: int) -> Strip:
        end = strip.cell_length if end == -1 else min(end, strip.cell_length)
        if start >= end:
            return strip
        style = self.screen.get_component_rich_style("screen--selection")
        chosen = strip.crop(start, end).apply_style(style)
        return Strip.join([strip.crop(0, start), chosen, strip.crop(end)])

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        return selection.extract(plain(map(self.line_at, range(self.count)))), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        self.refresh()

    def notify_style_update(self) -> None:
        self._styles_by_role.clear()
        super().notify_style_update()

    # pointing

    def target_at(self, x: int, y: int) -> Target | None:
        """What a click at a place of the pane would do."""
        line = self.line_at(y + self.scroll_offset.y)
        piece = _piece_at(line, x)
        return piece.target if piece is not None and piece.target else line.target

    async def _on_click(self, event: events.Click) -> None:
        target = self.target_at(event.x, event.y)
        if target is not None and event.chain == 1 and not self.text_selection:
            event.stop()
            self.post_message(self.Picked(self, target))
        await super()._on_click(event)


def _piece_at(line: Line, x: int) -> Piece | None:
    at = 0
    for piece in line.pieces:
        at += cell_len(piece.text)
        if x < at:
            return piece
    return None
