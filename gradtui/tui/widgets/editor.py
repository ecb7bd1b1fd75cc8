"""An editor of lesson code with the colours that code has everywhere else."""

from rich.text import Text
from textual import events
from textual.widgets import TextArea

from gradtui.tui.highlight import highlight
from gradtui.tui.roles import style

LONGEST = 50_000  # characters
PASTED = 20_000  # characters of all there is after a paste; every key would take its time with more


class Editor(TextArea):
    """Python with line numbers; Tab indents."""

    def __init__(self, code: str) -> None:
        super().__init__(code, tab_behavior="indent", show_line_numbers=True)

    def on_key(self, event: events.Key) -> None:
        """Esc leaves the window, not the editor alone."""
        if event.key == "escape":
            event.prevent_default()

    def on_paste(self, event: events.Paste) -> None:
        """A paste that no step could hold changes nothing, and says so."""
        if len(self.text) + len(event.text) > PASTED:
            event.prevent_default()
            event.stop()
            size = f"{len(event.text):,} characters"
            self.notify(f"Not pasted: {size}; the editor holds {PASTED:,}.", markup=False)

    @property
    def code(self) -> str:
        """What stands in it."""
        return self.text[:LONGEST]

    def get_line(self, line_index: int) -> Text:
        plain = self.document.get_line(line_index)
        rows = highlight(self.code)
        pieces = rows[line_index] if line_index < len(rows) else ()
        if "".join(piece.text for piece in pieces) != plain:
            return Text(plain, end="", no_wrap=True)  # tabs, or what is not printable
        variables = self.app.theme_variables
        styled = [(p.text, style(p.role, variables)) if p.role else p.text for p in pieces]
        return Text.assemble(*styled, end="", no_wrap=True)

    def put(self, code: str) -> None:
        """Other code in place of all there is; it can be undone."""
        self.replace(code, (0, 0), self.document.end)

    def go(self, line: int, column: int) -> None:
        """The cursor to a line, from 1, and a column, from 1."""
        self.move_cursor((line - 1, max(0, column - 1)))
