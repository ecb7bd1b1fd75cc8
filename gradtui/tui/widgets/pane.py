"""A pane of lines: paints only the lines that changed, scrolls, and tells what was clicked.

It keeps its own place and draws its own scrollbar in the last column: scrolling and growing cost no
layout, and a step forward repaints the lines that differ and nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Offset, Region
from textual.message import Message
from textual.selection import Selection
from textual.strip import Strip
from textual.widget import Widget

from gradtui.tui.glyphs import UNICODE, Glyphs
from gradtui.tui.lines import BLANK, Line, Piece, Target, plain
from gradtui.tui.roles import style as role_style
from gradtui.tui.roles import uncoloured

WHEEL = 3  # lines a notch of the mouse's wheel scrolls


class Pane(Widget, can_focus=False):
    """Draws lines. `show` takes new ones; what differs from the last is painted again."""

    DEFAULT_CSS = """
        Pane {
            background: $background;
            color: $foreground;
            height: 1fr;
            overflow: hidden hidden;
        }
        """

    @dataclass
    class Picked(Message):
        """A click on something that does something."""

        pane: "Pane"
        target: Target

        @property
        def control(self) -> "Pane":
            return self.pane

    def __init__(
        self, *, id: str | None = None, classes: str | None = None, scrolls: bool = True
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.scrolls = scrolls
        self.top = 0  # the line at the upper edge
        self._lines: tuple[Line, ...] = ()
        self._painted: list[Line] = []
        self._thumb: range = range(0)  # rows of the scrollbar's thumb
        self._pressed: Offset | None = None  # where the button went down
        self._styles_by_role: dict[str, Style] = {}
        self._strips: dict[Line, Strip] = {}

    # what is shown

    @property
    def glyphs(self) -> Glyphs:
        glyphs: Glyphs = getattr(self.app, "glyphs", UNICODE)
        return glyphs

    @property
    def count(self) -> int:
        """How many lines there are."""
        return len(self._lines)

    def line_at(self, at: int) -> Line:
        """One of them; blank beyond the last."""
        return self._lines[at] if 0 <= at < len(self._lines) else BLANK

    def show(self, lines: Sequence[Line], follow: int | None = None) -> None:
        """Show these lines; with `follow`, scroll so that line can be seen."""
        self._lines = tuple(lines)
        self.follow(follow)

    def follow(self, y: int | None, margin: int = 1, height: int = 0) -> None:
        """Keep line `y` in sight: if it is not, a third of the height is left above it.

        `height` is the one it is about to have, if that is not its present one.
        """
        height = height or self.size.height
        margin = min(margin, max(0, (height - 1) // 2))
        if y is not None and not self.top + margin <= y < self.top + height - margin:
            self.top = y - height // 3
        self.scroll_by(0)

    def scroll_by(self, lines: int) -> None:
        """Move so many lines down, within what there is, and paint what differs."""
        last = self.count - self.size.height
        if last > 0:
            last += self.slack
        self.top = max(0, min(self.top + lines, last))
        self._repaint()

    @property
    def slack(self) -> int:
        """Blank lines that may be seen below the last one."""
        return 0

    @property
    def room(self) -> int:
        """Columns for text: the last is the scrollbar's."""
        return max(1, self.size.width - (1 if self.scrolls else 0))

    def _repaint(self) -> None:
        height = self.size.height
        wanted = [self.line_at(self.top + y) for y in range(height)]
        thumb, before = self._thumb_rows(height), self._thumb
        painted, self._painted, self._thumb = self._painted, wanted, thumb
        if len(painted) != height:
            self.refresh()
            return
        width = self.size.width
        for y, line in enumerate(wanted):
            old = painted[y]
            if (y in thumb) != (y in before):
                self.refresh(Region(0, y, width, 1))
            elif line is not old and line != old:
                first, last = _difference(old, line, width)
                self.refresh(Region(first, y, last - first, 1))

    def _thumb_rows(self, height: int) -> range:
        count = self.count
        if not self.scrolls or count <= height or not height:
            return range(0)
        size = max(1, height * height // count)
        first = self.top * (height - size) // max(1, count - height)
        return range(first, first + size)

    def on_resize(self, event: events.Resize) -> None:
        self._painted = []
        self._strips.clear()
        self.scroll_by(0)

    # drawing

    def render_line(self, y: int) -> Strip:
        at, width = self.top + y, self.size.width
        strip = self.strip(self.line_at(at), width)
        selection = self.text_selection
        if selection is not None and (span := selection.get_span(at)) is not None:
            strip = self._selected(strip, *span)
        if y in self._thumb:
            thumb = Segment(self.glyphs.thumb, self.rich_base + self.style_of("faint"))
            strip = Strip([*strip.crop(0, width - 1), thumb], width)
        return strip.apply_offsets(0, at)

    def strip(self, line: Line, width: int) -> Strip:
        """A line as Textual paints it, exactly `width` columns."""
        found = self._strips.get(line)
        if found is None or found.cell_length != width:
            if len(self._strips) > 1_000:
                self._strips.clear()
            found = self._strips[line] = self._strip(line, width)
        return found

    def _strip(self, line: Line, width: int) -> Strip:
        base = self.rich_base + self.style_of(line.role)
        used = line.width
        kept = uncoloured if base.reverse else Style.copy
        pieces = [(text, base + kept(self.style_of(role))) for text, role, _ in line.pieces]
        pieces.append((" " * (width - used), base))
        segments = [
            Segment("".join(text for text, _ in run), style)
            for style, run in groupby(pieces, itemgetter(1))
        ]
        strip = Strip(segments, max(used, width))
        return strip if used <= width else strip.crop(0, width)

    @property
    def rich_base(self) -> Style:
        """The pane's own style."""
        found = self._styles_by_role.get("")
        if found is None:
            found = self._styles_by_role[""] = self.rich_style
        return found

    def style_of(self, roles: str) -> Style:
        """What one or more roles add to the pane's own style."""
        if not roles:
            return Style.null()
        found = self._styles_by_role.get(roles)
        if found is None:
            found, variables = Style.null(), self.app.theme_variables
            for role in roles.split():
                found += role_style(role, variables)
            found = uncoloured(found) if found.reverse else found
            self._styles_by_role[roles] = found
        return found

    def _selected(self, strip: Strip, start: int, end: int) -> Strip:
        end = strip.cell_length if end == -1 else min(end, strip.cell_length)
        if start >= end:
            return strip
        style = self.screen.get_component_rich_style("screen--selection")
        chosen = strip.crop(start, end).apply_style(style)
        return Strip.join([strip.crop(0, start), chosen, strip.crop(end)])

    @property
    def allow_select(self) -> bool:
        """False once the pane is taken away: a press may still find it before the next frame."""
        return self.parent is not None and super().allow_select

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        return selection.extract(plain(map(self.line_at, range(self.count)))), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        self.refresh()

    def notify_style_update(self) -> None:
        self._styles_by_role.clear()
        self._strips.clear()
        super().notify_style_update()

    # pointing

    def target_at(self, x: int, y: int) -> Target | None:
        """What a click at a place of the pane would do."""
        line = self.line_at(y + self.top)
        piece = _piece_at(line, x)
        return piece.target if piece is not None and piece.target else line.target

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._wheel(event, WHEEL)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._wheel(event, -WHEEL)

    def _wheel(self, event: events.MouseEvent, lines: int) -> None:
        if self.scrolls:
            event.stop()
            self.scroll_by(lines)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        self._pressed = event.screen_offset

    async def _on_click(self, event: events.Click) -> None:
        """A click on something that does something does it, however fast clicks follow each other.

        Elsewhere a second one selects text, and so does the mouse when it was moved in between.
        """
        at = event.get_content_offset(self)
        target = self.target_at(at.x, at.y) if at is not None else None
        held = event.screen_offset == self._pressed
        if at is not None and held and self._thumb and at.x == self.size.width - 1:
            event.stop()
            self.scroll_by(at.y * self.count // self.size.height - self.top)
        elif target is not None and held:
            event.stop()
            event.prevent_default()
            if self.screen.selections:
                self.screen.clear_selection()
            self.post_message(self.Picked(self, target))
            return
        await super()._on_click(event)


def _difference(old: Line, new: Line, width: int) -> tuple[int, int]:
    """The columns in which two lines can differ."""
    if old.role != new.role:
        return 0, width
    first, mine, theirs = 0, list(new.pieces), list(old.pieces)
    while mine and theirs and mine[0][:2] == theirs[0][:2]:
        first += cell_len(mine.pop(0).text)
        theirs.pop(0)
    if new.width != old.width:
        return min(first, width - 1), width
    last = new.width
    while mine and theirs and mine[-1][:2] == theirs[-1][:2]:
        last -= cell_len(mine.pop().text)
        theirs.pop()
    first = max(0, min(first, width - 1))
    return first, max(first + 1, min(last, width))


def _piece_at(line: Line, x: int) -> Piece | None:
    at = 0
    for piece in line.pieces:
        at += cell_len(piece.text)
        if x < at:
            return piece
    return None
