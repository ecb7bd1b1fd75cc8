"""A window over the player that closes once, whoever asks it to."""

from asyncio import sleep
from typing import TypeVar

from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen

T = TypeVar("T")


class Modal(ModalScreen[T]):
    """What asks it to close a second time, or too late, is not heard."""

    AUTO_FOCUS = None
    _leaving = False

    def dismiss(self, result: T | None = None) -> AwaitComplete:
        if self._leaving or self.app.screen is not self:
            return AwaitComplete(sleep(0))
        self._leaving = True
        return super().dismiss(result)
