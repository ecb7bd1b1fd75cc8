"""Help for tests of the player: open it at a size, drive it by actions, read it as text."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from textual.pilot import Pilot

from gradtui.course.packs import bundled
from gradtui.tui.app import GradtuiApp

LESSON = bundled().lesson("gradients-with-autograd")
PATIENCE = 60.0


@asynccontextmanager
async def opened(
    target: Path | None,
    size: tuple[int, int] = (120, 40),
    *,
    ascii: bool = False,
    torch: bool = False,
) -> AsyncIterator[tuple[GradtuiApp, Pilot[int]]]:
    """The player on anything, from its first frame."""
    app = GradtuiApp(target, ascii=ascii, torch=torch)
    async with app.run_test(size=size) as pilot:
        try:
            yield app, pilot
        finally:
            app.backstage.close()


@asynccontextmanager
async def player(
    target: Path | None = LESSON,
    size: tuple[int, int] = (120, 40),
    *,
    ascii: bool = False,
    torch: bool = False,
) -> AsyncIterator[tuple[GradtuiApp, Pilot[int]]]:
    """The player with its lesson recorded and drawn."""
    async with opened(target, size, ascii=ascii, torch=torch) as (app, pilot):
        await until(pilot, lambda: is_recorded(app))
        yield app, pilot


def is_recorded(app: GradtuiApp) -> bool:
    return app.player.session is not None and app.player.session.take is not None


async def until(pilot: Pilot[int], true: Callable[[], bool]) -> None:
    """Wait for what threads and child processes bring about."""
    async with asyncio.timeout(PATIENCE):
        while not true():
            await pilot.pause(0.01)
    await pilot.pause()


async def do(app: GradtuiApp, pilot: Pilot[int], *actions: str) -> None:
    """Actions by name, `action*3` three times, each drawn."""
    for action in actions:
        name, _, times = action.partition("*")
        for _ in range(int(times or 1)):
            app.player.do(name)
    await pilot.pause()


def text(app: GradtuiApp) -> str:
    """What is on screen, without trailing spaces."""
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)
