"""A window over the player that closes once, however many keys ask it to."""

from asyncio import sleep
from typing import TypeVar

from textual.await_complete import AwaitComplete
from textual.events import Key
from textual.screen import ModalScreen

from gradtui.tui.shims import act_in_turn

T = TypeVar("T")


class Modal(ModalScreen[T]):
    """Keys come faster than screens go: what asks a second time, or too late, is not heard."""

    AUTO_FOCUS = None
    _leaving = False

    async def on_key(self, event: Key) -> None:
        """Keys are taken in their order, and one that comes when this is left is not lost."""
        if self.left:
            self.hand_on(event)
        else:
            await act_in_turn(self, event)

    def hand_on(self, event: Key) -> None:
        """Send a key to what is on screen now."""
        event.stop()
        event.prevent_default()
        self.app.post_message(Key(event.key, event.character))

    @property
    def left(self) -> bool:
        """Whether it is closing, or closed: what comes now is meant for another screen."""
        return self._leaving or self.app.screen is not self

    def dismiss(self, result: T | None = None) -> AwaitComplete:
        if self.left:
            return AwaitComplete(sleep(0))
        self._leaving = True
        return super().dismiss(result)
