"""A window with a line to type in, which reads every key itself."""

from typing import TypeVar

from textual import events

from gradtui.tui.field import Field
from gradtui.tui.screens.modal import Modal

T = TypeVar("T")


class TypingScreen(Modal[T]):
    """`field` is what is typed; `entered` is called by Enter, `changed` by every other key of it."""

    field: Field

    def entered(self) -> None:
        """Enter was pressed."""
        raise NotImplementedError

    def changed(self) -> None:
        """Other text, or another place in it."""
        raise NotImplementedError

    def on_key(self, event: events.Key) -> None:
        if self.takes(event):
            event.stop()
            event.prevent_default()

    def takes(self, event: events.Key) -> bool:
        """Do what a key does here; False if it does nothing."""
        if event.key == "enter":
            self.entered()
        elif self.field.key(event.key, event.character if event.is_printable else None):
            self.changed()
        else:
            return False
        return True

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        self.field.insert(event.text)
        self.changed()
