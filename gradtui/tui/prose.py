"""Markdown as lines: paragraphs, headings, lists, quotes, code, and the usual inline marks."""

from collections.abc import Iterator
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token
from msgspec import Struct

from gradtui.tui.glyphs import Glyphs
from gradtui.tui.highlight import highlight
from gradtui.tui.lines import BLANK, Line, Piece, Target, printable, wrap

_MARKDOWN = MarkdownIt("commonmark").enable("table")
_ROLES = {
    "strong_open": "strong",
    "em_open": "emphasis",
    "link_open": "link",
    "s_open": "faint",
}


@lru_cache(maxsize=256)
def prose(text: str, width: int, glyphs: Glyphs) -> tuple[Line, ...]:
    """The lines of a Markdown text, none wider than `width`."""
    lines = list(_Writer(width, glyphs).write(_MARKDOWN.parse(text)))
    while lines and not lines[-1].pieces:
        lines.pop()
    return tuple(lines)


class _Writer(Struct):
    """Walks Markdown's tokens; `before` is what stands left of every line of the present block."""

    width: int
    glyphs: Glyphs
    before: list[str] = []
    counts: list[int | None] = []  # of open lists; None for bullets
    mark: str = ""  # of the list item whose first line is still to come
    tight: bool = False
    table: list[list[Line]] = []  # the rows of the open one

    def write(self, tokens: list[Token]) -> Iterator[Line]:
        for at, token in enumerate(tokens):
            match token.type:
                case "inline" if tokens[at - 1].type in ("th_open", "td_open"):
                    base = "strong" if tokens[at - 1].type == "th_open" else ""
                    self.table[-1].append(Line(tuple(self._pieces(token.children or [], base))))
                case "tr_open":
                    self.table.append([])
                case "table_close":
                    yield from self._rows()
                    yield BLANK
                case "inline":
                    yield from self._inline(token, tokens[at - 1])
                case "fence" | "code_block":
                    yield from self._code(token)
                case "hr":
                    yield Line.of(Piece(self.glyphs.rule * self.width, "faint"))
                    yield BLANK
                case _:
                    yield from self._structure(token)

    def _structure(self, token: Token) -> Iterator[Line]:
        match token.type:
            case "bullet_list_open":
                self.counts.append(None)
            case "ordered_list_open":
                self.counts.append(int(token.attrs.get("start", 1)))
            case "list_item_open":
                self._item()
            case "list_item_close":
                self.before.pop()
            case "bullet_list_close" | "ordered_list_close":
                self.counts.pop()
                if not self.counts:
                    yield BLANK
            case "blockquote_open":
                self.before.append(self.glyphs.bar + " ")
            case "blockquote_close":
                self.before.pop()

    def _item(self) -> None:
        count = self.counts[-1]
        self.mark = f"{self.glyphs.bullet} " if count is None else f"{count}. "
        if count is not None:
            self.counts[-1] = count + 1
        self.before.append(" " * len(self.mark))

    def _inline(self, token: Token, opener: Token) -> Iterator[Line]:
        heading = opener.type == "heading_open"
        pieces = list(self._pieces(token.children or [], "heading" if heading else ""))
        margin = "".join(self.before)
        for row in _paragraphs(pieces):
            for line in wrap(Line(tuple(row)), max(8, self.width - len(margin))):
                yield self._with_margin(line)
        if not (self.counts and opener.hidden):
            yield BLANK

    def _rows(self) -> Iterator[Line]:
        """The open table, its columns aligned; where they have no room, a row in a paragraph."""
        rows, self.table = self.table, []
        widths = [max(cell.width for cell in column) for column in zip(*rows, strict=True)]
        room = self.width - len("".join(self.before))
        wide = sum(widths) + 3 * (len(widths) - 1) > room
        for row in rows:
            pieces: list[Piece] = []
            for cell, width in zip(row, widths, strict=True):
                pieces += [Piece(f" {self.glyphs.bar} ", "faint")] if pieces else []
                pieces += [*cell.pieces, Piece("" if wide else " " * (width - cell.width))]
            for line in wrap(Line(tuple(pieces)), room, 4):
                yield self._with_margin(line)

    def _with_margin(self, line: Line) -> Line:
        margin = "".join(self.before)
        if self.mark:
            margin = margin[: -len(self.mark)] + self.mark
            self.mark = ""
        return Line((Piece(margin, "dim"), *line.pieces)) if margin else line

    def _pieces(self, tokens: list[Token], base: str) -> Iterator[Piece]:
        roles = [base] if base else []
        target: Target | None = None
        for token in tokens:
            if token.type.startswith("link_"):
                target = _target(token)
            if token.type in _ROLES:
                roles.append(_ROLES[token.type])
            elif token.type.endswith("_close"):
                roles.pop()
            elif token.type == "code_inline":
                yield Piece(printable(token.content), " ".join([*roles, "inline-code"]), target)
            elif token.type in ("softbreak", "hardbreak"):
                yield Piece("\n" if token.type == "hardbreak" else " ")
            else:
                yield Piece(printable(token.content), " ".join(roles), target)

    def _code(self, token: Token) -> Iterator[Line]:
        python = token.info.strip() in ("", "python", "py")
        for pieces in highlight(token.content.rstrip("\n"), python):
            for line in wrap(Line(pieces), self.width - 2, 2):
                yield Line((Piece("  "), *line.pieces))
        yield BLANK


def _target(token: Token) -> Target | None:
    """Where a click on a link leads: to a step of this lesson; other places are not gone to."""
    place = str(token.attrs.get("href", ""))
    return Target("step_named", place[1:]) if place[:1] == "#" and place[1:] else None


def _paragraphs(pieces: list[Piece]) -> Iterator[list[Piece]]:
    """The pieces parted at hard breaks."""
    row: list[Piece] = []
    for piece in pieces:
        if piece.text == "\n":
            yield row
            row = []
        else:
            row.append(piece)
    yield row
