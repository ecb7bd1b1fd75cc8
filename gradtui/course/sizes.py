"""How much a lesson or pack may hold: `excess(data, positions)` finds what would cost too much.

It is asked before anything else is done with a file, so that a gigantic one costs nothing more.
"""

from collections.abc import Iterator
from typing import Any

from gradtui.course.problems import Position
from gradtui.course.yaml_nodes import Path, Positions

MAX_KEYS = 60  # of one mapping
MAX_TEXT = 200_000  # characters of one text
MAX_ITEMS = 1_000  # of one list, unless told otherwise here
ITEMS = {
    "was": 50,
    "objectives": 50,
    "prerequisites": 50,
    "authors": 100,
    "glossary": 300,
    "lessons": 500,
    "checks": 100,
    "what_if": 50,
    "choices": 20,
    "mistakes": 50,
    "hints": 20,
    "draws": 50_000,
}
QUOTES = 2_000  # `{{ … }}` in one file: each is computed
VERSIONS = 100  # what-ifs in one file: for each the steps before it run once more


def excess(data: Any, positions: Positions) -> Iterator[tuple[Position, str]]:
    """What is too large, where, and what to do about it."""
    counted = {"quotes": 0, "versions": 0}
    for path, value in _parts(data, ()):
        why = _why(path, value, counted)
        if why:
            yield positions.at(path), f"{_name(path)} {why}"


def _parts(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    yield path, value
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _parts(inner, (*path, key))


def _why(path: Path, value: Any, counted: dict[str, int]) -> str:
    if isinstance(value, str):
        counted["quotes"] += value.count("{{")
        if counted["quotes"] > QUOTES:
            return f"is where more than {QUOTES:,} values are quoted: split the lesson"
        return f"is longer than {MAX_TEXT:,} characters" if len(value) > MAX_TEXT else ""
    if isinstance(value, dict):
        return f"has more than {MAX_KEYS} keys" if len(value) > MAX_KEYS else ""
    key = next((part for part in reversed(path) if isinstance(part, str)), "")
    most = ITEMS.get(key, MAX_ITEMS)
    counted["versions"] += len(value) if key == "what_if" else 0
    if counted["versions"] > VERSIONS:
        return f"is where there are more than {VERSIONS} what-ifs: split the lesson"
    return f"has more than {most:,} items: split it" if len(value) > most else ""


def _name(path: Path) -> str:
    names = [part for part in path if isinstance(part, str)]
    return f"`{names[-1][:40]}`" if names else "the file"
