"""Waiting for lessons to be saved: `for _ in saves(paths): check()`."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import sleep

PAUSE = 0.2  # seconds between two looks
SETTLED = 0.05  # seconds in which a save that takes several writes comes to rest

Look = dict[str, tuple[int, int]]  # time of change and size, by file


def saves(paths: Sequence[Path]) -> Iterator[None]:
    """Once at first, and again whenever a lesson or pack at these paths has changed."""
    seen = _look(paths)
    while True:
        yield
        while (now := _look(paths)) == seen:
            sleep(PAUSE)
        while (after := _settled(paths)) != now:
            now = after
        seen = now


def _settled(paths: Sequence[Path]) -> Look:
    sleep(SETTLED)
    return _look(paths)


def _look(paths: Sequence[Path]) -> Look:
    return {name: state for path in paths for name, state in _files(path)}


def _files(path: Path) -> Iterator[tuple[str, tuple[int, int]]]:
    folder = path if path.is_dir() else path.parent
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                mine = folder is path or entry.name in (path.name, "pack.yaml")
                if mine and entry.name.endswith((".yaml", ".yml", ".zip")):
                    state = entry.stat()
                    yield entry.path, (state.st_mtime_ns, state.st_size)
    except OSError:
        return  # the folder may come back
