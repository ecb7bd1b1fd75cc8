"""A window over the player that closes once, however many keys ask it to."""

from asyncio import sleep
from typing import TypeVar

from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen

T = TypeVar("T")


class Modal(ModalScreen[T]):
    """Keys come faster than screens go: what asks a second time, or too late, is not heard."""

    AUTO_FOCUS = None
    _leaving = False

    @property
    def left(self) -> bool:
        """Whether it is closing, or closed: what comes now is meant for another screen."""
        return self._leaving or self.app.screen is not self

    def dismiss(self, result: T | None = None) -> AwaitComplete:
        if self.left:
            return AwaitComplete(sleep(0))
        self._leaving = True
        return super().dismiss(result)
