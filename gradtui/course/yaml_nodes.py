"""YAML read as nothing but mappings, lists and text, with the position of every part.

`read(text)` gives plain `dict`, `list` and `str` and a `Positions`. No scalar is guessed at (`no`,
`017` and `1e-6` stay text), and what a lesson has no use for — anchors, aliases, tags, several
documents — is refused where it stands. libyaml finds the tokens; the tree is built here from its
events, so neither depth nor size can exhaust the stack.
"""

import re
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from typing import Any, Protocol, TypeAlias, cast

import yaml
from msgspec import Struct
from yaml.events import Event, MappingStartEvent, ScalarEvent, SequenceStartEvent

from gradtui.course.problems import Position

try:
    from yaml import CSafeLoader as _Loader
except ImportError:  # PyYAML built without libyaml: slower, the same events
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]

MAX_BYTES = 1_000_000
MAX_DEPTH = 20
MAX_PARTS = 60_000  # texts, lists and mappings in one file

Path: TypeAlias = tuple[str | int, ...]


class _Mark(Protocol):
    line: int
    column: int


class Complaint(Exception):
    """Why the text is not what it should be, and where."""

    def __init__(self, line: int, column: int, message: str) -> None:
        super().__init__(message)
        self.line, self.column, self.message = line, column, message


class Block(Struct, frozen=True):
    """How the lines of a scalar lie in the file, so that code can be pointed at."""

    first_line: int
    column: int  # where a line of it begins, from 1
    exact: bool  # whether line n of the text is line first_line + n - 1 of the file


class Positions(Struct):
    """Where each part of a file begins; a path is the keys and indices that lead to it."""

    values: dict[Path, Position] = {}
    keys: dict[Path, Position] = {}
    blocks: dict[Path, Block] = {}

    def at(self, path: Path) -> Position:
        """Where the value at `path` begins, or else the nearest thing around it."""
        while path and path not in self.values:
            path = path[:-1]
        return self.values.get(path, Position(1, 1))

    def key(self, path: Path) -> Position:
        """Where the key of `path` stands, or else its value."""
        return self.keys.get(path) or self.at(path)

    def within(self, path: Path, line: int, column: int) -> Position:
        """The place in the file of `line` (from 1) and `column` (from 0) of the text at `path`."""
        block = self.blocks.get(path)
        if block is None or not block.exact:
            return self.at(path)
        return Position(block.first_line + line - 1, block.column + column)


def read(text: str) -> tuple[Any, Positions]:
    """The content of a YAML text, and where its parts stand; Complaint if it is not YAML."""
    positions = Positions()
    builder = _Builder(text.splitlines(), positions)
    for event in _events(text):
        builder.take(event)
    if builder.root is _NOTHING:
        raise Complaint(1, 1, "the file is empty: write the keys of a lesson or pack")
    return builder.root, positions


def _events(text: str) -> Iterator[Event]:
    try:
        yield from yaml.parse(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise Complaint(line, column, f"not YAML: {_advice(error, text, line)}") from None
    except (yaml.YAMLError, UnicodeError) as error:
        raise Complaint(*_bad_character(text), f"not YAML: {str(error).splitlines()[0]}") from None


def _bad_character(text: str) -> Position:
    match = re.search(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", text)
    before = text[: match.start()] if match else ""
    return Position(before.count("\n") + 1, len(before) - before.rfind("\n"))


_ADVICE = (
    ("cannot start any token", "quote the text: a value cannot begin with @, ` or %"),
    ("mapping values are not allowed", "quote the text, or write it after `|`: it contains `: `"),
    ("found undefined tag handle", "quote the text: a value cannot begin with !"),
    ("tab character", "indent with spaces, not tabs"),
    ("character '\\t'", "indent with spaces, not tabs"),
    ("did not find expected key", "check the indentation and the quotes of this line"),
    ("did not find expected '-'", "check the indentation of this line"),
    ("could not find expected ':'", "write `key: value`, or indent this line under its key"),
    ("unexpected end of stream", "close the quote or bracket opened before"),
    ("did not find expected alphabetic", "quote the text: a value cannot begin with & or *"),
    ("expected alphabetic or numeric", "quote the text: a value cannot begin with & or *"),
    ("directive", "quote the text: a line cannot begin with %"),
    ("did not find expected ',' or", "put commas between the items and close the bracket"),
    ("block sequence entries are not allowed", "put the list on lines of its own"),
    ("unknown escape", "in double quotes write \\\\ for a backslash, or use single quotes"),
)


def _advice(error: yaml.MarkedYAMLError, text: str, line: int) -> str:
    what = error.problem or error.context or "it does not parse"
    context = error.context if error.problem and error.context else ""
    full = f"{what} {context}".strip()
    for phrase, advice in _ADVICE:
        if phrase in full:
            return f"{full}: {advice}"
    return full


_NOTHING: Any = object()


class _Open(Struct):
    """A mapping or list whose end has not come yet."""

    made: dict[str, Any] | list[Any]
    path: Path
    key: str | None = None

    def next_path(self) -> Path:
        return (*self.path, len(self.made) if self.key is None else self.key)


class _Builder(Struct):
    lines: list[str]
    positions: Positions
    root: Any = _NOTHING
    open: list[_Open] = []
    documents: int = 0

    def take(self, event: Event) -> None:
        handler = _HANDLERS.get(type(event).__name__)
        if handler is not None:
            _refuse_references(event)
            handler(self, event)

    def document(self, event: Event) -> None:
        self.documents += 1
        if self.documents > 1:
            _complain(
                event, "a second document begins here: keep one document a file, without `---`"
            )

    def alias(self, event: Event) -> None:
        _complain(event, "aliases are not used in lessons: write the value out, or quote the `*`")

    def scalar(self, event: Event) -> None:
        assert isinstance(event, ScalarEvent)
        top = self.open[-1] if self.open else None
        if top is not None and isinstance(top.made, dict) and top.key is None:
            self._begin_key(top, event)
            return
        path = top.next_path() if top else ()
        self.positions.blocks[path] = _block(event, self.lines)
        self._place(event, event.value)

    def _begin_key(self, top: _Open, event: ScalarEvent) -> None:
        key = event.value
        if key in top.made:
            first = self.positions.keys[(*top.path, key)]
            _complain(event, f"`{key}` is given twice: it is already on line {first.line}")
        top.key = key
        self.positions.keys[(*top.path, key)] = _position(event)

    def begin(self, event: Event) -> None:
        if len(self.open) >= MAX_DEPTH:
            _complain(event, f"nested deeper than {MAX_DEPTH} levels")
        top = self.open[-1] if self.open else None
        if top is not None and isinstance(top.made, dict) and top.key is None:
            _complain(event, "a key must be plain text")
        path = top.next_path() if top else ()
        made: dict[str, Any] | list[Any] = {} if isinstance(event, MappingStartEvent) else []
        self._place(event, made)
        self.open.append(_Open(made, path))

    def end(self, event: Event) -> None:
        self.open.pop()

    def _place(self, event: Event, value: Any) -> None:
        if len(self.positions.values) >= MAX_PARTS:
            _complain(event, f"more than {MAX_PARTS:,} values in one file: split it")
        top = self.open[-1] if self.open else None
        self.positions.values[top.next_path() if top else ()] = _position(event)
        if top is None:
            self.root = value
        elif isinstance(top.made, list):
            top.made.append(value)
        else:
            assert top.key is not None
            top.made[top.key], top.key = value, None


_HANDLERS: dict[str, Callable[[_Builder, Event], None]] = {
    "DocumentStartEvent": _Builder.document,
    "AliasEvent": _Builder.alias,
    "ScalarEvent": _Builder.scalar,
    "SequenceStartEvent": _Builder.begin,
    "MappingStartEvent": _Builder.begin,
    "SequenceEndEvent": _Builder.end,
    "MappingEndEvent": _Builder.end,
}


def _position(event: Event) -> Position:
    mark = cast(_Mark, event.start_mark)
    return Position(mark.line + 1, mark.column + 1)


def _complain(event: Event, message: str) -> None:
    raise Complaint(*_position(event), message)


def _refuse_references(event: Event) -> None:
    if not isinstance(event, ScalarEvent | SequenceStartEvent | MappingStartEvent):
        return
    if event.anchor is not None:
        _complain(event, f"anchors are not used in lessons: remove `&{event.anchor}`, or quote it")
    if event.tag is not None:
        _complain(event, f"tags are not used in lessons: remove `{event.tag}`, or quote the text")


def _block(event: ScalarEvent, lines: list[str]) -> Block:
    line, column = _position(event)
    if event.style != "|":
        quoted = event.style in ("'", '"')
        return Block(line, column + quoted, exact="\n" not in event.value)
    values = event.value.split("\n")
    for written, value in zip(lines[line : line + len(values)], values, strict=False):
        if value.strip() and written.endswith(value):
            return Block(line + 1, len(written) - len(value) + 1, exact=True)
    return Block(line + 1, 1, exact=True)


def nearest(word: str, known: list[str]) -> str | None:
    """The one of `known` most like `word`, if any is."""
    return next(iter(get_close_matches(word, known, n=1, cutoff=0.6)), None)
