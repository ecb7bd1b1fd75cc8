"""What is done with parts of Textual 8.2 that are not public, in one place."""

from collections.abc import Iterable
from typing import Any

from textual import keys
from textual.screen import Screen
from textual.widget import Widget

from gradtui.tui.keyboard import KeyParser


def paint_now(screen: Screen[Any], widgets: Iterable[Widget]) -> None:
    """Paint what is dirty at once: a key is on screen before any other message is handled.

    Otherwise each widget tells the screen when it is idle, and the screen paints when it is: 8 ms.
    """
    screen._dirty_widgets.update(widgets)
    screen._on_timer_update()


def key_of(character: str) -> str:
    """The name Textual gives to the key of one character: `]` is `right_square_bracket`."""
    return keys._character_to_key(character)


def end_with_the_server() -> None:
    """A player in a browser ends when its server has gone: Textual's would wait for ever.

    Its keys are told apart as those of a terminal.
    """
    from textual.drivers import web_driver
    from textual.drivers.web_driver import WebDriver

    web_driver.XTermParser = KeyParser  # type: ignore[attr-defined]
    listen = WebDriver.run_input_thread

    def run_input_thread(driver: WebDriver) -> None:
        listen(driver)
        driver._app.call_later(driver._app.exit)

    WebDriver.run_input_thread = run_input_thread  # type: ignore[method-assign, assignment]
