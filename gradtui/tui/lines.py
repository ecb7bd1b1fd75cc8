"""Text to draw, as data: a line is pieces, a piece is text with a role and what a click on it does.

    Line.of(Piece("y", "name"), Piece(" = ", "dim"))
    wrap(line, 40)        # lines of at most 40 cells
    fit(line, 40)         # cut with an ellipsis

Roles are names such as `code.keyword`; `gradtui.tui.roles` says how each looks. Nothing here knows
Textual, so what a pane shows can be tested as text.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from rich.cells import cell_len, chop_cells, set_cell_size


class Target(NamedTuple):
    """What a click asks for: an action of `gradtui.tui.actions`, and what it is to act on."""

    action: str
    argument: int | str | None = None


class Piece(NamedTuple):
    """Some text in one role; several roles are separated by spaces, the last wins."""

    text: str
    role: str = ""
    target: Target | None = None


class Line(NamedTuple):
    """One line of a pane. `role` colours its whole width."""

    pieces: tuple[Piece, ...] = ()
    role: str = ""
    target: Target | None = None

    @classmethod
    def of(cls, *pieces: Piece | str, role: str = "", target: Target | None = None) -> "Line":
        made = tuple(Piece(each) if isinstance(each, str) else each for each in pieces)
        return cls(made, role, target)

    @property
    def plain(self) -> str:
        return "".join(piece.text for piece in self.pieces)

    @property
    def width(self) -> int:
        return cell_len(self.plain)


BLANK = Line()


def cells(text: str) -> int:
    """Columns a text takes on screen."""
    return cell_len(text)


def cut(text: str, width: int, ellipsis: str = "…") -> str:
    """The text in at most `width` columns, ended with `ellipsis` where something is missing."""
    if width <= 0:
        return ""
    if cell_len(text) <= width:
        return text
    kept = set_cell_size(text, max(0, width - cell_len(ellipsis)))
    return kept.removesuffix(ellipsis) + ellipsis[:width]


def pad(text: str, width: int, ellipsis: str = "…") -> str:
    """The text in exactly `width` columns."""
    return set_cell_size(cut(text, width, ellipsis), max(0, width))


def printable(text: str) -> str:
    """The text with control characters made visible, so that it cannot move the cursor."""
    if text.isprintable():
        return text
    return "".join(_visible(character) for character in text)


def _visible(character: str) -> str:
    if character == "\t":
        return "    "
    return character if character.isprintable() else f"\\x{ord(character):02x}"


def fit(line: Line, width: int, ellipsis: str = "…") -> Line:
    """The line in at most `width` columns."""
    if line.width <= width:
        return line
    kept: list[Piece] = []
    room = width
    for piece in line.pieces:
        size = cell_len(piece.text)
        if size >= room:
            kept.append(piece._replace(text=cut(piece.text + " ", room, ellipsis)))
            break
        kept.append(piece)
        room -= size
    return line._replace(pieces=tuple(kept))


def wrap(line: Line, width: int, indent: int = 0) -> list[Line]:
    """The line broken between words into lines of at most `width` columns.

    Lines after the first are moved right by `indent`.
    """
    if line.width <= width:
        return [line]
    rows: list[list[Piece]] = [[]]
    used = 0
    for word in _words(line.pieces, max(4, width - indent)):
        size = cell_len("".join(piece.text for piece in word).rstrip())
        if used + size > width and used > (indent if len(rows) > 1 else 0):
            rows[-1][-1] = rows[-1][-1]._replace(text=rows[-1][-1].text.rstrip())
            rows.append([Piece(" " * indent)] if indent else [])
            used = indent
            word[0] = word[0]._replace(text=word[0].text.lstrip())
        rows[-1] += [piece for piece in word if piece.text]
        used += sum(cell_len(piece.text) for piece in word)
    return [Line(tuple(merge(row)), line.role, line.target) for row in rows]


def dense(lines: Iterable[Line], excess: int) -> list[Line]:
    """With at most `excess` of the blank lines taken out, where there is not room for all."""
    kept = []
    for line in lines:
        if line == BLANK and excess > 0:
            excess -= 1
        else:
            kept.append(line)
    return kept or [BLANK]


def _words(pieces: Iterable[Piece], longest: int) -> Iterator[list[Piece]]:
    """Runs of pieces that end with a space: `y` in code and the comma after it are one word.

    A word longer than a line is cut.
    """
    word: list[Piece] = []
    for piece in pieces:
        for text in _after_spaces(piece.text):
            word.append(piece._replace(text=text))
            if text.endswith(" "):
                yield from _cut(word, longest)
                word = []
    yield from _cut(word, longest)


def _cut(word: list[Piece], longest: int) -> Iterator[list[Piece]]:
    if cell_len("".join(piece.text for piece in word).rstrip()) <= longest:
        if word:
            yield word
        return
    for piece in word:
        short = cell_len(piece.text) <= longest
        for part in [piece.text] if short else chop_cells(piece.text, longest):
            yield [piece._replace(text=part)]


def _after_spaces(text: str) -> Iterator[str]:
    start = 0
    for at, character in enumerate(text):
        if character == " " and text[at + 1 : at + 2] != " ":
            yield text[start : at + 1]
            start = at + 1
    if start < len(text):
        yield text[start:]


def merge(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Neighbours of one role and target as one piece."""
    held: Piece | None = None
    for piece in pieces:
        if held is not None and held[1:] == piece[1:]:
            held = held._replace(text=held.text + piece.text)
            continue
        if held is not None:
            yield held
        held = piece
    if held is not None:
        yield held


def plain(lines: Iterable[Line]) -> str:
    """The lines as text, without trailing spaces: for copying and for tests."""
    return "\n".join(line.plain.rstrip() for line in lines)
