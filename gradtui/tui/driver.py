"""The terminal as the player talks to it: Textual's driver, which also survives what a terminal does.

A terminal may send bytes that are no UTF-8, and it may go while it is written to or read from. It
may also shrink to nothing and come back: what is written meanwhile is nowhere to be seen.
"""

import asyncio
import codecs
import signal
from collections.abc import Callable
from functools import partial
from typing import Any

from textual.drivers import linux_driver
from textual.drivers.linux_driver import LinuxDriver

from gradtui.tui.keyboard import KeyParser
from gradtui.tui.thrift import thrifty

HUNG_UP = 129  # exit status of a program whose terminal went


class Gone(EOFError):
    """The terminal was closed."""


class Lasting:
    """A file whose writes never raise: after the first that fails, nothing more is written.

    Textual's writer would end there, and whoever writes next would wait for it for ever.
    """

    def __init__(self, file: Any, gone: Callable[[], None]) -> None:
        self.file, self.gone, self.open = file, gone, True

    def write(self, text: str) -> None:
        self._unless_gone(partial(self.file.write, text))

    def flush(self) -> None:
        self._unless_gone(self.file.flush)

    def fileno(self) -> int:
        number: int = self.file.fileno()
        return number

    def _unless_gone(self, act: Callable[[], object]) -> None:
        if not self.open:
            return
        try:
            act()
        except (OSError, ValueError):
            self.open = False
            self.gone()


class Decoder(codecs.getincrementaldecoder("utf-8")):  # type: ignore[misc]
    """Text of what a terminal sends: broken bytes are U+FFFD, and its end is `Gone`."""

    def __init__(self) -> None:
        super().__init__(errors="replace")

    def decode(self, data: bytes, final: bool = False) -> str:
        if not data and not final:
            raise Gone
        text: str = super().decode(data, final)
        return text


class PlayerDriver(LinuxDriver):
    """Textual's driver for Linux and macOS; a terminal that goes ends the player.

    A terminal without a size is taken for 80×24, so one that comes back as 80×24 seems unchanged to
    Textual: whenever a terminal says it was resized, all is painted again.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._file: Any = Lasting(self._file, self._leave)
        linux_driver.XTermParser = KeyParser  # type: ignore[attr-defined]
        linux_driver.getincrementaldecoder = lambda _: Decoder  # type: ignore[attr-defined, assignment]

    def start_application_mode(self) -> None:
        super().start_application_mode()  # type: ignore[no-untyped-call]
        loop, resized = asyncio.get_running_loop(), signal.getsignal(signal.SIGWINCH)

        def on_resize(number: int, frame: Any) -> None:
            if callable(resized):
                resized(number, frame)
            if self._get_terminal_size() == self._app.size:
                loop.call_soon_threadsafe(self._app.refresh)

        signal.signal(signal.SIGWINCH, on_resize)

    @property
    def mouse(self) -> bool:
        """Whether the mouse is the player's."""
        return self._mouse

    def take_mouse(self, wanted: bool) -> None:
        """Take the mouse from the terminal, or leave it to it, from now on."""
        if wanted != self._mouse:
            self._disable_mouse_support()
            self._mouse = wanted
            self._enable_mouse_support()

    def write(self, data: str) -> None:
        super().write(thrifty(data))

    def run_input_thread(self) -> None:
        try:
            super().run_input_thread()
        except (OSError, EOFError):
            self._leave()

    def _leave(self) -> None:
        self._app.call_later(self._app.exit, HUNG_UP, HUNG_UP)
