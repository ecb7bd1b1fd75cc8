"""The player in a terminal: `run(path)` takes a lesson, replays a script, or shows the shelf.

The first frame needs Textual alone; numpy, the course and the engine come after it, on a thread.
"""

import gc

gc.disable()  # until all of this is loaded: nothing of it is garbage

import asyncio
import contextlib
import os
import re
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from rich.text import Text
from textual import constants, events
from textual.app import App
from textual.binding import Binding
from textual.driver import Driver
from textual.screen import Screen

from gradtui.tui import messages, themes
from gradtui.tui.backstage import Backstage, Where
from gradtui.tui.driver import HUNG_UP, PlayerDriver
from gradtui.tui.glyphs import ASCII, UNICODE, Glyphs
from gradtui.tui.screens.player import PlayerScreen
from gradtui.tui.screens.preview import PreviewScreen
from gradtui.tui.settings import Keeper, Settings, read, settings_file
from gradtui.tui.shims import end_with_the_server
from gradtui.tui.typist import Typist
from gradtui.tui.widgets.pane import Pane

AT_ONCE = ("ctrl+c", "ctrl+q")  # keys that wait for nothing
ENDINGS = {signal.SIGTERM: 143, signal.SIGHUP: HUNG_UP}  # exit status by signal, as shells have it
INTERRUPTED = 130  # by Ctrl-C


class GradtuiApp(App[int]):
    """One lesson, one script, or the shelf of lessons, on screen."""

    TITLE = "gradtui"
    CSS_PATH = "screens/player.tcss"
    ENABLE_COMMAND_PALETTE = False  # ours is made of the table of actions
    BINDINGS = [  # noqa: RUF012
        Binding("ctrl+c", "interrupt", "Leave", show=False, priority=True, system=True),
        Binding("ctrl+q", "quit", "Leave", show=False, priority=True, system=True),
    ]

    def __init__(
        self,
        target: Path | None = None,
        *,
        ascii: bool = False,
        torch: bool = True,
        preview: bool = False,
        progress: Where | None = None,
        settings: Path | None = None,
        unicode: bool = True,
    ) -> None:
        """Progress and settings are kept in files; None: they are not kept.

        `unicode` is whether the terminal can show more than ASCII.
        """
        super().__init__()
        self.target = target
        self.progress = progress
        self.settings: Settings = read(settings) if settings is not None else Settings()
        self.keeper = Keeper(settings, lambda line: self._tell(messages.Told(line)))
        self.unicode = unicode
        self.glyphs: Glyphs = replace(
            ASCII if ascii or not unicode or self.settings.ascii else UNICODE,
            keymap=self.settings.keymap,
        )
        self.set_class(self.glyphs.ascii, "-ascii")
        self.set_keymap(self.settings.keymap.changed())
        self.backstage = Backstage(self._tell, torch, progress)
        for theme in themes.THEMES:
            self.register_theme(theme)
        self.theme = themes.usable(self.settings.theme, not self.no_color)
        self.preview = target if preview else None
        self._welcoming = False
        self._then: list[Callable[[], object]] = []  # what waits until the welcome is read
        self.player = (PreviewScreen if preview else PlayerScreen)(title_of(target))
        self.typist = Typist(self, super().on_event, self._meanwhile)

    def get_driver_class(self) -> type[Driver]:
        return super().get_driver_class() if constants.DRIVER else PlayerDriver

    def get_default_screen(self) -> Screen[Any]:
        return self.player

    def on_mount(self) -> None:
        self.typist.hold()
        self.typist.start()
        loop = asyncio.get_running_loop()
        for number, status in ENDINGS.items():
            with contextlib.suppress(ValueError, NotImplementedError, RuntimeError):
                loop.add_signal_handler(number, self.exit, status, status)
        if self.preview is not None:
            self.call_after_refresh(self.backstage.watch, self.preview)
        else:
            self.call_after_refresh(self.backstage.open, self.target)

        if self.target is None and self.keeper.path and not self.settings.welcomed:
            self._welcome()
        if self.settings.told:
            self._tell(messages.Told(self.settings.told))

    def on_unmount(self) -> None:
        self.typist.stop()

    async def on_event(self, event: events.Event) -> None:
        """What comes from the terminal is taken in its turn."""
        typed = isinstance(event, events.InputEvent | events.Paste) and not event.is_forwarded
        if typed and getattr(event, "key", "") not in AT_ONCE:
            self.typist.take(event)
        else:
            await super().on_event(event)

    def _meanwhile(self, event: events.Event) -> bool:
        """Whether something typed or clicked need not wait for the lesson."""
        if self.screen is not self.player or not isinstance(event, events.Key):
            return True
        return self.player.commands.needs_no_lesson(event.key)

    def _welcome(self) -> None:
        """Say what this is, the first time."""
        from gradtui.tui.screens.welcome import WelcomeScreen

        def read(_: None) -> None:
            self.keeper.keep("welcomed", True)
            self._welcoming = False
            for then in self._then:
                then()
            self._then.clear()

        self._welcoming = True
        self.push_screen(WelcomeScreen(), read)

    def after_welcome(self, then: Callable[[], object]) -> None:
        """Do this now, or when the welcome has been read."""
        if self._welcoming:
            self._then.append(then)
        else:
            then()

    def choose_theme(self, name: str) -> None:
        """Draw in this theme, from now on and the next time."""
        self.theme = name
        self.keeper.keep("theme", themes.short(name))

    def draw_with(self, glyphs: Glyphs) -> None:
        """Draw with these signs, and take and name these keys, from now on."""
        self.glyphs = glyphs
        self.set_keymap(glyphs.keymap.changed())
        for node in (self, *self.screen_stack):  # what has a line around it, too
            node.set_class(glyphs.ascii, "-ascii")
        self.player.draw()
        for screen in self.screen_stack:
            for pane in screen.query(Pane):
                pane.refresh()  # scrollbars too

    def _tell(self, message: Any) -> None:
        """From any thread, to the player."""
        self.player.post_message(message)

    def on_key(self, event: events.Key) -> None:
        """A key that no window took may ask for the glossary."""
        if self._looks_up(event.key) and self.open_glossary():
            event.prevent_default()

    def _looks_up(self, key: str) -> bool:
        """Whether a key that no window took asks for the glossary; the player has it bound."""
        actions = self.glyphs.keymap.actions
        keys = next(action.keys for action in actions if action.id == "glossary")
        return self.screen is not self.player and key in keys

    def open_glossary(self) -> bool:
        """The words of the trade, from wherever one is; False if they are on screen."""
        from gradtui.tui.screens.glossary import open_glossary

        return open_glossary(self)

    def action_interrupt(self) -> None:
        self.exit(INTERRUPTED, INTERRUPTED)

    def close(self) -> None:
        """End what goes on behind the screen, and finish what is being kept."""
        self.backstage.close()
        self.player.forget()

    def open(self, target: Path, review: tuple[str, ...] = ()) -> None:
        """Leave what is being taken, and take this; with `review`, ask these steps' questions."""
        self.close()
        self.target, self.backstage = target, Backstage(self._tell, True, self.progress)
        self.player = PlayerScreen(title_of(target), review)
        self.switch_screen(self.player)
        self.typist.hold()
        self.call_after_refresh(self.backstage.open, target)

    def _fatal_error(self) -> None:
        """A fault of ours ends the player with one line; GRADTUI_DEBUG=1 shows all of it."""
        error = self._exception
        if error is None or os.environ.get("GRADTUI_DEBUG"):
            super()._fatal_error()
            return
        at = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{Path(at.filename).name}:{at.lineno}"
        self.panic(Text(f"gradtui failed at {place}: {type(error).__name__}: {error}"))


def title_of(target: Path | None) -> str:
    """The title to paint before the lesson is read: its first `title:` line, or the file's name."""
    if target is None or target.suffix != ".yaml":
        return target.name if target is not None else ""
    if not target.is_file():  # a pipe would keep the first frame waiting
        return target.stem
    with contextlib.suppress(OSError, ValueError), target.open(encoding="utf-8") as file:
        found = re.search(r"^title:\s*[\"']?(.*?)[\"']?\s*$", file.read(4096), re.MULTILINE)
        return found[1] if found else target.stem
    return target.stem


def _progress_file() -> Path:
    from gradtui.course.progress import progress_file  # heavy, and needs no first frame

    return progress_file()


def run(
    target: Path | None, *, mouse: bool = True, ascii: bool = False, preview: bool = False
) -> int:
    """Take a lesson, a pack, or a `.py`; None for the lessons there are. The exit status.

    With `preview` the target is a lesson's file, shown again whenever it is saved.
    """
    encoding = (getattr(sys.__stderr__, "encoding", None) or "utf-8").lower()
    os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # its threads cost numpy's import a third
    if "TEXTUAL_DRIVER" in os.environ:
        end_with_the_server()
    gc.disable()  # until all is loaded: nothing of it is garbage
    app = GradtuiApp(
        target,
        ascii=ascii,
        preview=preview,
        progress=_progress_file,
        settings=settings_file(),
        unicode=encoding.startswith("utf"),
    )
    try:
        app.run(mouse=mouse and app.settings.mouse)
    finally:
        app.close()
        app.keeper.close()
    return app.return_code or 0


gc.enable()
