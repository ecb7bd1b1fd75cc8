"""The timeline: click it, or drag along it."""

from textual import events

from gradtui.tui.widgets.pane import Pane


class Timeline(Pane):
    """A line whose every column is a moment."""

    def on_mouse_down(self, event: events.MouseDown) -> None:
        self.capture_mouse()
        self._go(event)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self.app.mouse_captured is self:
            self._go(event)

    def on_mouse_up(self, event: events.MouseUp) -> None:
        self.release_mouse()

    def _go(self, event: events.MouseEvent) -> None:
        event.stop()
        target = self.target_at(event.x, event.y)
        if target is not None:
            self.post_message(self.Picked(self, target))

    async def _on_click(self, event: events.Click) -> None:
        event.stop()
