"""Lesson and pack files read, typed and checked: `load_lesson(path)`, `load_pack(path)`.

A file that cannot be used raises `BadLesson` with all that is wrong with it at once. Nothing of the
lesson is run here; its code and expressions are only parsed.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from gradtui.course import meaning, wording
from gradtui.course.problems import BadLesson, Position, Problem
from gradtui.course.schema import FORMAT, Lesson, Model, Pack
from gradtui.course.yaml_nodes import MAX_BYTES, Complaint, Positions, read

M = TypeVar("M", Lesson, Pack)


@dataclass(frozen=True, slots=True)
class Loaded(Generic[M]):
    """A file's content with where each part of it stands, for whoever has to point at it."""

    content: M
    path: Path
    text: str
    positions: Positions


@dataclass(frozen=True, slots=True)
class LoadedLesson(Loaded[Lesson]):
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


@dataclass(frozen=True, slots=True)
class LoadedPack(Loaded[Pack]):
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
    try:
        if path.stat().st_size > MAX_BYTES:
            raise _bad(path, f"larger than {MAX_BYTES:,} bytes: split it into several lessons")
        data = path.read_bytes()
    except OSError as error:
        raise _bad(path, f"cannot be read: {error.strerror or error}") from None
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line, column = _place(data[: error.start])
        message = f"byte 0x{data[error.start]:02x} is not UTF-8: save the file as UTF-8"
        raise BadLesson([Problem(path, line, column, message)]) from None


def _place(before: bytes) -> Position:
    last = before[before.rfind(b"\n") + 1 :]
    return Position(before.count(b"\n") + 1, len(last.decode("utf-8", "replace")) + 1)


def _bad(path: Path, message: str) -> BadLesson:
    return BadLesson([Problem(path, 1, 1, message)])


def _parse(model: type[M], text: str, path: Path) -> tuple[M, Positions]:
    try:
        data, positions = read(text)
    except Complaint as complaint:
        problem = Problem(path, complaint.line, complaint.column, complaint.message)
        raise BadLesson([problem]) from None
    _refuse_other_formats(data, positions, path)
    problems = [
        Problem(path, *one.where, one.message, one.kind) for one in _meaning(model, data, positions)
    ]
    content, mistyped = _typed(model, data, positions)
    problems += [Problem(path, *where, message) for where, message in mistyped]
    if content is None or problems:
        raise BadLesson(problems, content, positions)
    return content, positions


def _meaning(model: type[Model], data: Any, positions: Positions) -> meaning.Found:
    return meaning.problems(data, positions) if model is Lesson else iter(())


def _typed(
    model: type[M], data: Any, positions: Positions
) -> tuple[M | None, list[tuple[Position, str]]]:
    try:
        return model.model_validate(data), []
    except ValidationError as error:
        found = [item for item in error.errors() if not _follows(item, error.errors())]
        return None, [wording.say(model, item, positions) for item in found]


def _follows(item: ErrorDetails, others: list[ErrorDetails]) -> bool:
    """Whether a list is only short because its items are themselves complained of."""
    depth = len(item["loc"])
    return item["type"] == "too_short" and any(
        len(other["loc"]) > depth and other["loc"][:depth] == item["loc"] for other in others
    )


def _refuse_other_formats(data: Any, positions: Positions, path: Path) -> None:
    written = data.get("format") if isinstance(data, dict) else None
    if not isinstance(written, str) or not written.isdecimal() or int(written[:9]) == FORMAT:
        return
    newer = int(written[:9]) > FORMAT
    message = (
        f"format {written} is newer than this gradtui knows ({FORMAT}): upgrade gradtui"
        if newer
        else f"format {written} is too old: rewrite it as format {FORMAT}, which this gradtui reads"
    )
    raise BadLesson([Problem(path, *positions.at(("format",)), message)])
