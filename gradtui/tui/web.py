"""The player in a browser: `serve(command)` answers on localhost, a player for each page.

The page needs nothing from elsewhere; a page of another site cannot reach a player, nor can another
name for this machine.
"""

import asyncio
import html
import shlex
from collections.abc import Awaitable, Callable, Sequence
from importlib.resources import files
from string import Template
from urllib.parse import urlsplit

from aiohttp import web
from textual_serve.server import Server

LOCAL = ("127.0.0.1", "localhost", "::1")
PATIENCE = 5.0  # seconds the players have to end in, when the server does
SIZE = 16  # of letters, in pixels; `?fontsize=20` for another
SIZES = range(6, 73)

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class PlayerServer(Server):
    """textual-serve with a page of our own."""

    def __init__(self, command: Sequence[str], host: str, port: int) -> None:
        super().__init__(shlex.join(command), host=host, port=port, title="gradtui")
        self._taken: set[asyncio.Task[object]] = set()

    async def _make_app(self) -> web.Application:
        app = await super()._make_app()
        app.middlewares.append(self._guard)
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Answer) -> web.StreamResponse:
        """Only pages of ours, and under a name of ours, are answered."""
        name = urlsplit(f"//{request.host}").hostname
        if self.host in LOCAL and name not in LOCAL:
            raise web.HTTPForbidden(text="gradtui answers to localhost only\n")
        origin = request.headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc != request.host:
            raise web.HTTPForbidden(text="gradtui answers to its own page only\n")
        return await handler(request)

    async def handle_index(self, request: web.Request) -> web.Response:
        """The page, whose terminal asks for a player where the page came from."""
        size = request.query.get("fontsize", "")
        page = Template(files("gradtui.tui").joinpath("page.html").read_text(encoding="utf-8"))
        text = page.substitute(
            websocket=html.escape(f"ws://{request.host}/ws"),
            size=size if size.isdecimal() and int(size) in SIZES else SIZE,
        )
        return web.Response(text=text, content_type="text/html")

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """A player, as long as its page is open."""
        task = asyncio.current_task()
        assert task is not None
        self._taken.add(task)
        try:
            return await super().handle_websocket(request)
        finally:
            self._taken.discard(task)

    async def on_startup(self, app: web.Application) -> None:
        """Nothing is said yet: the address is not taken."""

    async def on_shutdown(self, app: web.Application) -> None:
        """End the players: each keeps what was done."""
        for task in self._taken:
            task.cancel()


def serve(command: Sequence[str], host: str, port: int, tell: Callable[[str], None]) -> None:
    """Answer until interrupted, `tell` from where; OSError if the address cannot be had."""
    server = PlayerServer(command, host, port)

    def answering(_: str) -> None:
        tell(server.public_url)

    app = server._make_app()
    web.run_app(app, host=host, port=port, print=answering, shutdown_timeout=PATIENCE)
