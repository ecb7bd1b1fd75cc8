"""What is done with parts of Textual 8.2 that are not public, in one place."""

from collections.abc import Iterable
from typing import Any

from textual import keys
from textual.dom import DOMNode
from textual.events import Key
from textual.screen import Screen
from textual.widget import Widget


def paint_now(screen: Screen[Any], widgets: Iterable[Widget]) -> None:
    """Paint what is dirty at once: a key is on screen before any other message is handled.

    Otherwise each widget tells the screen when it is idle, and the screen paints when it is: 8 ms.
    """
    screen._dirty_widgets.update(widgets)
    screen._on_timer_update()


async def act_in_turn(node: DOMNode, event: Key) -> bool:
    """Do what a key is bound to on a widget or screen, before the next key is looked at.

    Textual does it once the key has come up to the app; what was typed after it may be taken first.
    """
    for binding in node._bindings.key_to_bindings.get(event.key, ()):
        if not binding.priority and await node.app.run_action(binding.action, node):
            event.stop()
            event.prevent_default()
            return True
    return False


def key_of(character: str) -> str:
    """The name Textual gives to the key of one character: `]` is `right_square_bracket`."""
    return keys._character_to_key(character)


def end_with_the_server() -> None:
    """A player in a browser ends when its server has gone: Textual's would wait for ever."""
    from textual.drivers.web_driver import WebDriver

    listen = WebDriver.run_input_thread

    def run_input_thread(driver: WebDriver) -> None:
        listen(driver)
        driver._app.call_later(driver._app.exit)

    WebDriver.run_input_thread = run_input_thread  # type: ignore[method-assign, assignment]
