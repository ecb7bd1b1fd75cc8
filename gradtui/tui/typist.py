"""What is typed is taken one key at a time: the next when the one before has done all that it does.

    typist = Typist(app, app.deal, app.meanwhile)
    typist.start()                # in the app's own loop
    typist.take(event)            # from then on: dealt in its turn
    typist.hold(3.0)              # something is fetched that keys typed meanwhile are meant for;
    typist.release()              # it is there

A key travels through queues: from the app to what has the focus, and up again to whatever it is
bound to; a window that it opens has queues of its own, and one that it closes calls back. The next
key, sent after it at once, would find the window before, or one that is not composed yet.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

from textual import events
from textual.app import App
from textual.message_pump import MessagePump

from gradtui.tui.keyboard import WORDS

TYPED = (events.Key, events.Paste, events.MouseUp)  # after which the next one waits

Deal = Callable[[events.Event], Awaitable[None]]


class Typist:
    """Gives an app what was typed, clicked and pasted, in the order in which it came."""

    def __init__(
        self, app: App[Any], deal: Deal, meanwhile: Callable[[events.Event], bool]
    ) -> None:
        """`deal` does with one event what the app does with it; `meanwhile` is whether it is not
        meant for what is being fetched.
        """
        self._app, self._deal, self._meanwhile = app, deal, meanwhile
        self._waiting: asyncio.Queue[events.Event] = asyncio.Queue()
        self._there = asyncio.Event()
        self._there.set()
        self._patience: float | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def take(self, event: events.Event) -> None:
        """Deal this event when all before it are done with."""
        self._waiting.put_nowait(event)

    def hold(self, seconds: float | None = None) -> None:
        """Something is being fetched: what is meant for it waits, so long at most."""
        self._patience = seconds
        self._there.clear()

    def release(self) -> None:
        """It is there, or will not come."""
        self._there.set()

    async def _run(self) -> None:
        while True:
            event = await self._waiting.get()
            try:
                for part in self._split(event):
                    await self._take(part)
            except Exception as error:
                self._app._handle_exception(error)

    async def _take(self, event: events.Event) -> None:
        if not (self._there.is_set() or self._meanwhile(event)):
            await self._fetched()
        target = self._app.focused or self._app.screen
        await self._deal(event)
        if isinstance(event, events.MouseUp):  # a click, of which a widget tells its screen
            target = self._app._mouse_down_widget or target
            await self._done(target.ancestors_with_self)
        if isinstance(event, TYPED):
            await self._done(target.ancestors_with_self)

    def _split(self, event: events.Event) -> Sequence[events.Event]:
        """Esc and a letter sent as one: a move by words where there is an editor, else two keys."""
        word = WORDS.get(event.key) if isinstance(event, events.Key) else None
        if word is None:
            return (event,)
        if self._app.focused is not None:
            return (events.Key(word.move, None),)
        return events.Key("escape", "\x1b"), events.Key(word.letter, word.letter)

    async def _done(self, asked: Iterable[MessagePump]) -> None:
        """Until all of these, and each window that came or was come back to, did what was asked."""
        seen = None
        for pump in asked:
            await _passed(pump)
        while self._app.screen is not seen:
            seen = self._app.screen
            await _passed(seen)
            await _passed(self._app)

    async def _fetched(self) -> None:
        try:
            await asyncio.wait_for(self._there.wait(), self._patience)
        except TimeoutError:
            self.release()


async def _passed(pump: MessagePump) -> None:
    """Until it has taken all that it was sent so far, or has ended."""
    done = asyncio.get_running_loop().create_future()

    def pass_on() -> None:
        if not done.done():
            done.set_result(None)

    if not pump.call_later(pass_on):
        return
    ended = pump._task
    await asyncio.wait(
        (done,) if ended is None else (done, ended), return_when=asyncio.FIRST_COMPLETED
    )
