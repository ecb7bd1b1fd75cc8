"""Lesson and pack files read, typed and checked: `load_lesson(path)`, `load_pack(path)`.

A file that cannot be used raises `BadLesson` with all that is wrong with it at once. Nothing of the
lesson is run here; its code and expressions are only parsed.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Generic, TypeVar

from msgspec import Struct

from gradtui import __version__
from gradtui.course import files, hidden, meaning, sizes, templates, wording
from gradtui.course.filling import fill
from gradtui.course.problems import MOST, BadLesson, Position, Problem
from gradtui.course.schema import FORMAT, Lesson, Model, Pack
from gradtui.course.versions import numbers
from gradtui.course.yaml_nodes import MAX_BYTES, Complaint, Positions, read
from gradtui.course.yaml_nodes import Path as Place

M = TypeVar("M", Lesson, Pack)


class Loaded(Struct, Generic[M], frozen=True):
    """A file's content with where each part of it stands, for whoever has to point at it."""

    content: M
    path: Path
    text: str
    positions: Positions


class LoadedLesson(Loaded[Lesson], frozen=True):
    """A lesson and its places."""

    @property
    def lesson(self) -> Lesson:
        return self.content

    def at(self, step: int, *path: str | int) -> Position:
        """Where a part of a step stands: `at(3, "raises", "match")`."""
        return self.positions.at(("steps", step, *path))

    def in_code(self, step: int, line: int, column: int, *path: str | int) -> Position:
        """The place in the file of a line (from 1) and column (from 0) of a step's code."""
        return self.positions.within(("steps", step, *(path or ("code",))), line, column)


class LoadedPack(Loaded[Pack], frozen=True):
    """A pack.yaml and its places."""

    @property
    def pack(self) -> Pack:
        return self.content


def load_lesson(path: Path) -> LoadedLesson:
    """The lesson in a file; BadLesson if there is none, or anything is wrong with it."""
    return parse_lesson(_text(path), path)


def parse_lesson(text: str, path: Path) -> LoadedLesson:
    """The lesson in a text that came from `path`; BadLesson if anything is wrong with it."""
    lesson, positions = _parse(Lesson, text, path)
    return LoadedLesson(lesson, path, text, positions)


def load_pack(path: Path) -> LoadedPack:
    """The pack described by a pack.yaml; BadLesson if anything is wrong with it."""
    text = _text(path)
    pack, positions = _parse(Pack, text, path)
    return LoadedPack(pack, path, text, positions)


def _text(path: Path) -> str:
    data = files.read(path, MAX_BYTES)
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        line, column = _place(data[: error.start])
        message = f"byte 0x{data[error.start]:02x} is not UTF-8: save the file as UTF-8"
        raise BadLesson([Problem(path, line, column, message)]) from None


def _place(before: bytes | str) -> Position:
    text = before if isinstance(before, str) else before.decode("utf-8", "replace")
    return Position(text.count("\n") + 1, len(text) - text.rfind("\n"))


def _parse(model: type[M], text: str, path: Path) -> tuple[M, Positions]:
    _refuse_hidden(text, path)
    data, positions = _tree(text, path)
    _refuse_first(sizes.excess(data, positions), path)
    if "\\" in text or hidden.first(text, prose=False):
        _refuse_first(_escaped(data, (), positions), path)
    _refuse_other_formats(data, positions, path)
    _refuse_other_gradtui(model, data, positions, path)
    content, mistyped = _typed(model, data, positions)
    problems = [Problem(path, *where, message) for where, message in mistyped]
    problems += [
        Problem(path, *one.where, one.message, one.kind) for one in _meaning(model, data, positions)
    ]
    if content is None or problems:
        raise BadLesson(problems, content, positions)
    return content, positions


def _tree(text: str, path: Path) -> tuple[Any, Positions]:
    try:
        return read(text)
    except Complaint as complaint:
        problem = Problem(path, complaint.line, complaint.column, complaint.message)
        raise BadLesson([problem]) from None


def _meaning(model: type[Model], data: Any, positions: Positions) -> meaning.Found:
    return meaning.problems(data, positions) if model is Lesson else iter(())


def _typed(
    model: type[M], data: Any, positions: Positions
) -> tuple[M | None, list[tuple[Position, str]]]:
    content, misfits = fill(model, data)
    return content, [wording.say(model, misfit, positions) for misfit in misfits[:MOST]]


# What is refused before anything else is looked at.

EXACT = frozenset(  # read by programs, where joiners would make two names look alike
    "code starter solution answer when checks choices id was lessons prints match type".split()
)


def _refuse_first(found: Iterator[tuple[Position, str]], path: Path) -> None:
    for where, message in found:
        raise BadLesson([Problem(path, *where, message)])


def _refuse_hidden(text: str, path: Path) -> None:
    found = hidden.first(text)
    if found:
        raise BadLesson([Problem(path, *_place(text[: found.start()]), _is_hidden(found))])


def _is_hidden(found: re.Match[str]) -> str:
    return f"hidden character {hidden.name_of(found)}: remove it"


def _escaped(data: Any, place: Place, positions: Positions) -> Iterator[tuple[Position, str]]:
    """Hidden characters that the file itself does not show: written as escapes, or joiners."""
    if isinstance(data, str):
        prose = next((key not in EXACT for key in reversed(place) if isinstance(key, str)), True)
        found = hidden.first(data, prose)
        if found:
            line, column = templates.place(data, found.start())
            yield positions.within(place, line, column), _is_hidden(found)
        return
    for key, value in data.items() if isinstance(data, dict) else enumerate(data):
        if isinstance(key, str) and hidden.first(key, prose=False):
            yield positions.key((*place, key)), "hidden characters in this key: remove them"
        yield from _escaped(value, (*place, key), positions)


def _refuse_other_formats(data: Any, positions: Positions, path: Path) -> None:
    written = data.get("format") if isinstance(data, dict) else None
    if not isinstance(written, str) or not written.isdecimal():
        return
    number = int(written.lstrip("0")[:9] or 0)
    if number == FORMAT:
        return
    message = (
        f"format {number} is newer than this gradtui knows ({FORMAT}): upgrade gradtui"
        if number > FORMAT
        else f"format {number} is too old: rewrite it as format {FORMAT}, which this gradtui reads"
    )
    raise BadLesson([Problem(path, *positions.at(("format",)), message)])


def _refuse_other_gradtui(model: type[Model], data: Any, positions: Positions, path: Path) -> None:
    wanted = data.get("gradtui") if model is Pack and isinstance(data, dict) else None
    least = numbers(wanted) if isinstance(wanted, str) else None
    if least is not None and least > (numbers(__version__) or least):
        message = f"needs gradtui {wanted}, and this is {__version__}: upgrade gradtui"
        raise BadLesson([Problem(path, *positions.at(("gradtui",)), message)])
