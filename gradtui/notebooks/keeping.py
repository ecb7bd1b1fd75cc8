"""What an export leaves in a notebook's metadata, so that an import finds the lesson again.

A group of cells is one part of the lesson: its head, its setup, or a step. The first cell of a group
holds the part's content and a digest of the cells; whoever changes one of them gets an ordinary cell.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from gradtui.course.filling import fill
from gradtui.course.schema import Lesson, Step
from gradtui.notebooks.reading import Cell

PartName: TypeAlias = Literal["head", "setup", "step"]
PARTS = ("head", "setup", "step")


@dataclass(frozen=True, slots=True)
class Kept:
    """An unchanged part of an exported lesson."""

    part: str
    content: dict[str, Any]


def metadata(part: PartName, sources: Sequence[tuple[str, str]], content: Any) -> dict[str, Any]:
    """For the first of the cells of a part, given as kinds and sources."""
    return {"part": part, "cells": len(sources), "digest": digest(sources), "content": content}


def digest(sources: Iterable[tuple[str, str]]) -> str:
    """What tells whether cells are as they were exported."""
    text = "\0".join(part for source in sources for part in source)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def parts(cells: Sequence[Cell]) -> list[Cell | Kept]:
    """The cells, with each unchanged part of an exported lesson in the place of its cells."""
    made: list[Cell | Kept] = []
    at = 0
    while at < len(cells):
        kept, size = _kept(cells, at)
        made.append(kept or cells[at])
        at += size
    return made


def _kept(cells: Sequence[Cell], at: int) -> tuple[Kept | None, int]:
    said = cells[at].kept or {}
    part, size, content = said.get("part"), said.get("cells"), said.get("content")
    if part not in PARTS or not isinstance(size, int) or not 0 < size <= len(cells) - at:
        return None, 1
    group = [(cell.kind, cell.source) for cell in cells[at : at + size]]
    if said.get("digest") != digest(group) or not isinstance(content, dict):
        return None, 1
    if not _is_right(str(part), content):
        return None, 1
    return Kept(str(part), content), size


_STEP = {"id": "a", "title": "A", "say": "A"}


def _is_right(part: str, content: dict[str, Any]) -> bool:
    """Whether the content is what the format has there: it comes from a file of someone's."""
    if part == "head":
        return fill(Lesson, {**_as_read(content), "steps": [_STEP]})[0] is not None
    return part != "step" or step_of(content) is not None


def step_of(content: dict[str, Any]) -> Step | None:
    """The step that was kept; None if it is none."""
    return fill(Step, _as_read(content))[0]


def _as_read(value: Any) -> Any:
    """As the loader reads it from YAML: every scalar is text."""
    if isinstance(value, dict):
        return {key: _as_read(one) for key, one in value.items()}
    return [_as_read(one) for one in value] if isinstance(value, list) else str(value)
