"""Texts of a lesson file replaced where they stand, with everything around them untouched.

    rewrite(loaded, [Edit(("steps", 3, "prints"), "tensor(3.)", "sum: prints")])

A text keeps its style: a block stays a block with its indentation, quotes stay quotes. What comes
out is read again and must say what was wanted; then the file is replaced in one move.
"""

import json
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import yaml
from msgspec import to_builtins

from gradtui.course.files import within_zip
from gradtui.course.loader import LoadedLesson, parse_lesson
from gradtui.course.problems import BadLesson
from gradtui.course.yaml_nodes import Path as Keys

BOM = b"\xef\xbb\xbf"


class Uneditable(Exception):
    """Why a file is left as it is."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A text to put at `path`, or the number of items a list there may keep."""

    path: Keys
    new: str | int
    what: str

    def line(self, loaded: LoadedLesson) -> int:
        """Where it is in the file as it was."""
        return loaded.positions.at(self.path).line


def rewrite(loaded: LoadedLesson, edits: Sequence[Edit]) -> None:
    """Makes the edits in the lesson's file; Uneditable if it cannot be done, and nothing is."""
    if not edits:
        return
    if within_zip(loaded.path):
        raise Uneditable("it is in a zip: unpack it first")
    path = loaded.path.resolve()
    data = path.read_bytes()
    file = _File.read(data)
    if file.text() != loaded.text:
        raise Uneditable("it has changed meanwhile")
    if _OTHER_ENDS.search(loaded.text):
        raise Uneditable("some of its lines end in an unusual way")
    nodes = _nodes(loaded.text)
    for edit in sorted(edits, key=lambda one: _place(nodes[one.path]), reverse=True):
        _EDITS[type(edit.new)](file, nodes[edit.path], edit, loaded)
    _verify(file.text(), loaded, edits)
    _replace(path, file.bytes())


_OTHER_ENDS = re.compile("[\r\x85\u2028\u2029]")  # YAML counts them as line ends


def _place(node: yaml.Node) -> tuple[int, int]:
    return node.start_mark.line, node.start_mark.column


# The file.


@dataclass(slots=True)
class _File:
    """A file's lines without their ends, the ends, and the mark at the front."""

    lines: list[str]
    ends: list[str]
    mark: bytes = b""

    @classmethod
    def read(cls, data: bytes) -> "_File":
        mark = BOM if data.startswith(BOM) else b""
        whole = data.removeprefix(BOM).decode("utf-8").split("\n")
        ends = ["\r\n" if line.endswith("\r") else "\n" for line in whole[:-1]] + [""]
        return cls([line.removesuffix("\r") for line in whole], ends, mark)

    def text(self) -> str:
        return "".join(line + end[-1:] for line, end in zip(self.lines, self.ends, strict=True))

    def bytes(self) -> bytes:
        whole = "".join(line + end for line, end in zip(self.lines, self.ends, strict=True))
        return self.mark + whole.encode("utf-8")

    def put(self, start: int, stop: int, lines: list[str]) -> None:
        """Puts other lines in the place of some, with the line end used there."""
        end = self.ends[max(0, start - 1)] or "\n"
        last = self.ends[stop - 1] if stop > start else end
        self.lines[start:stop] = lines
        self.ends[start:stop] = [end] * (len(lines) - 1) + [last] if lines else []

    def within(self, start: "yaml.Mark", stop: "yaml.Mark", text: str) -> None:
        """Puts a text of one line between two marks."""
        before, after = self.lines[start.line][: start.column], self.lines[stop.line][stop.column :]
        self.put(start.line, stop.line + 1, [before + text + after])


def _nodes(text: str) -> dict[Keys, yaml.Node]:
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    return dict(_walk(root, ())) if root is not None else {}


def _walk(node: yaml.Node, path: Keys) -> Iterator[tuple[Keys, yaml.Node]]:
    yield path, node
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _walk(value, (*path, key.value))
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            yield from _walk(value, (*path, number))


# Texts.


def _put_text(file: _File, node: yaml.Node, edit: Edit, loaded: LoadedLesson) -> None:
    assert isinstance(node, yaml.ScalarNode)
    new = str(edit.new)
    if node.style in ("|", ">") and _fits_block(new):
        _put_block(file, node, new, loaded.positions.keys[edit.path].column - 1)
    elif node.style in ("|", ">"):
        start, stop = node.start_mark.line, _block_end(file, node)
        head = file.lines[start][: node.start_mark.column]
        file.put(start, stop, [head + _double(new)])
    else:
        file.within(node.start_mark, node.end_mark, _quoted(new, node.style))


_UNFIT = re.compile(r"[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]")


def _fits_block(text: str) -> bool:
    """Whether every character may stand in a block as it is."""
    return _UNFIT.search(text) is None and not text.startswith("\n")


def _put_block(file: _File, node: yaml.ScalarNode, new: str, outer: int) -> None:
    start, stop = node.start_mark.line, _block_end(file, node)
    old = [line for line in file.lines[start + 1 : stop] if line.strip()]
    given = re.match(r"[|>][-+]?(\d)", file.lines[start][node.start_mark.column :])
    widths = [len(line) - len(line.lstrip(" ")) for line in old]
    indent = outer + int(given[1]) if given else min(widths, default=outer + 2)
    lines = new.split("\n") if new else []
    if lines and lines[0].startswith(" ") and not given:
        indent = widths[0] if widths else indent
        file.lines[start] = _with_indicator(file.lines[start], node, indent - outer)
    elif node.style == ">":
        column = node.start_mark.column
        file.lines[start] = f"{file.lines[start][:column]}|{file.lines[start][column + 1 :]}"
    file.put(start + 1, stop, [" " * indent + line if line else "" for line in lines])


def _with_indicator(line: str, node: yaml.ScalarNode, width: int) -> str:
    """A block whose first line begins with a space must say how far it is indented."""
    column = node.start_mark.column
    return f"{line[:column]}|{width}{line[column + 1 :]}"


def _block_end(file: _File, node: yaml.ScalarNode) -> int:
    """The line after a block's last line that is not blank."""
    stop = node.end_mark.line + (node.end_mark.column > 0)
    stop = min(stop, len(file.lines))
    while stop > node.start_mark.line + 1 and not file.lines[stop - 1].strip():
        stop -= 1
    return stop


def _quoted(text: str, style: str | None) -> str:
    if style == "'" and "\n" not in text and not _UNFIT.search(text):
        return "'" + text.replace("'", "''") + "'"
    if style is None and _is_plain(text):
        return text
    return _double(text)


def _double(text: str) -> str:
    odd = _UNFIT.search(text.replace("\n", "")) is not None
    return json.dumps(text, ensure_ascii=odd).replace("\x7f", "\\x7f")


def _is_plain(text: str) -> bool:
    """Whether a text reads as itself without quotes, between brackets too."""
    try:
        node = yaml.compose(f"[{text}]", Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        return False
    items = node.value if isinstance(node, yaml.SequenceNode) else []
    one = items[0] if len(items) == 1 else None
    alone = isinstance(one, yaml.ScalarNode) and one.style is None and one.value == text
    return alone and "\n" not in text and ": " not in text and " #" not in text


# Lists.


def _cut_list(file: _File, node: yaml.Node, edit: Edit, loaded: LoadedLesson) -> None:
    """Takes the items of a list beyond a number away."""
    assert isinstance(node, yaml.SequenceNode)
    kept, gone = node.value[int(edit.new) - 1], node.value[int(edit.new) :]
    if node.flow_style:
        file.within(kept.end_mark, gone[-1].end_mark, "")
        return
    last = gone[-1].end_mark
    stop = last.line + (last.column > 0)
    file.put(gone[0].start_mark.line, min(stop, len(file.lines)), [])


_EDITS = {str: _put_text, int: _cut_list}


# Ends.


def _verify(text: str, loaded: LoadedLesson, edits: Sequence[Edit]) -> None:
    """What is to be written must read as the lesson it was, but for the edits."""
    try:
        made = to_builtins(parse_lesson(text, loaded.path).lesson)
    except BadLesson as bad:
        raise Uneditable(f"it would not be a lesson any more: {bad.problems[0].message}") from None
    before = to_builtins(loaded.lesson)
    for edit in edits:
        was, now = _at(before, edit.path[:-1]), _at(made, edit.path[:-1])
        key = edit.path[-1]
        wanted = edit.new if isinstance(edit.new, str) else was[key][: edit.new]
        got = now[key].rstrip("\n") if isinstance(edit.new, str) else now[key]
        if got != wanted:
            raise Uneditable(f"{edit.what} cannot be written as it stands; write it by hand")
        was[key] = now[key]
    if made != before:
        raise Uneditable("the edit would change something else; write it by hand")


def _at(data: object, path: Keys) -> dict:  # type: ignore[type-arg]
    for key in path:
        data = data[key]  # type: ignore[index]
    assert isinstance(data, dict)
    return data


def _replace(path: Path, data: bytes) -> None:
    """Puts a file in the place of another in one move."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            os.fchmod(file.fileno(), path.stat().st_mode & 0o7777)
        os.replace(name, path)
    except OSError as error:
        with suppress(OSError):
            os.unlink(name)
        raise Uneditable(f"{error.strerror or error}") from None
