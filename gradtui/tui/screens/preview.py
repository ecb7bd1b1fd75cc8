"""The player on a lesson that is being written: what is saved is shown at once, where one was."""

import gc

from textual import on
from textual.app import ComposeResult

from gradtui.tui import messages
from gradtui.tui.lines import Line, Piece, printable, wrap
from gradtui.tui.screens.player import PlayerScreen
from gradtui.tui.widgets.pane import Pane

MOST = 200  # problems that are listed


class PreviewScreen(PlayerScreen):
    """Shows the last good version; below it, what is wrong with the one that was saved since."""

    CSS = """
    PreviewScreen #faults { height: 0; background: $panel; padding: 0 1; }
    PreviewScreen.-small #faults { display: none; }
    """

    def __init__(self, title: str) -> None:
        super().__init__(title)
        self.faults: tuple[str, ...] = ()

    def between(self) -> ComposeResult:
        yield Pane(id="faults")

    def lay_out(self) -> None:
        super().lay_out()
        self._show_faults()

    def refuse(self, problems: tuple[str, ...]) -> None:
        self.faults = problems
        self._show_faults()
        self.call_after_refresh(self.draw)

    @on(messages.Reopened)
    def _reopened(self, message: messages.Reopened) -> None:
        from gradtui.session.continuing import continued  # loaded by then, on another thread

        old, session = self.session, message.opening.session
        variant = old.variant if old is not None else None
        self.opening, self.session = message.opening, session
        session.recorded(message.take)
        for turned in self._turns:
            session.torch_turned(turned.phase, turned.reason, turned.version)
        self._turns.clear()
        if old is not None:
            continued(old, session)
        if self.faults:
            self.faults = ()
            self._show_faults()
        gc.enable()
        self.call_after_refresh(self.draw)
        self.commands.catch_up()
        self.gradtui.typist.release()
        if variant is not None and session.scene.variant(variant.id) is not None:
            self.commands.vary(variant.id)

    def _show_faults(self) -> None:
        pane = self.text("faults")
        lines = self._fault_lines(max(20, self.app.size.width - 3))
        pane.styles.height = min(len(lines), max(3, self.app.size.height // 3))
        pane.show(lines)

    def _fault_lines(self, width: int) -> list[Line]:
        """The problems of the last save, none wider than `width`; nothing when it was good."""
        if not self.faults:
            return []
        count = len(self.faults)
        shown = "the last good version is shown" if self.session is not None else "nothing to show"
        head = f"{count} problem{'s' if count > 1 else ''} in the file as saved; {shown}"
        made = [Line.of(Piece(head, "error"))]
        for problem in self.faults[:MOST]:
            made += wrap(Line.of(Piece(printable(problem))), width, 4)
        return made
