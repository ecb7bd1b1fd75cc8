"""Python code as coloured pieces, line by line, and a span of it lit."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from pygments.lexers.python import PythonLexer  # type: ignore[import-untyped]
from pygments.token import Comment, Keyword, Name, Number, Operator, String, _TokenType  # type: ignore[import-untyped]

from gradtui.language.source import Span
from gradtui.tui.lines import Piece, printable

_ROLES: tuple[tuple[_TokenType, str], ...] = (
    (Comment, "code-comment"),
    (Keyword, "code-keyword"),
    (Operator.Word, "code-keyword"),
    (Operator, "code-operator"),
    (Number, "code-number"),
    (String, "code-string"),
    (Name.Function, "code-function"),
    (Name.Builtin, "code-function"),
    (Name.Class, "code-function"),
    (Name, "code-name"),
)


@lru_cache(maxsize=128)
def highlight(code: str, python: bool = True) -> tuple[tuple[Piece, ...], ...]:
    """The pieces of each line; text of other languages has no colours."""
    if not python:
        return tuple((Piece(printable(line)),) for line in code.split("\n"))
    rows: list[list[Piece]] = [[]]
    for kind, text in PythonLexer(stripnl=False, ensurenl=False).get_tokens(code):
        first, *others = text.split("\n")
        _add(rows[-1], first, kind)
        for part in others:
            rows.append([])
            _add(rows[-1], part, kind)
    return tuple(map(tuple, rows))


def _add(row: list[Piece], text: str, kind: _TokenType) -> None:
    if text:
        role = next((role for family, role in _ROLES if kind in family), "")
        row.append(Piece(printable(text), role))


def light(rows: Sequence[tuple[Piece, ...]], span: Span | None) -> tuple[tuple[Piece, ...], ...]:
    """The lines with the characters of a span in the role `lit` besides their own."""
    if span is None:
        return tuple(rows)
    return tuple(
        tuple(_lit(row, *_columns(span, number))) if span.line <= number <= span.end_line else row
        for number, row in enumerate(rows, 1)
    )


def _columns(span: Span, number: int) -> tuple[int, int]:
    first = span.column if number == span.line else 0
    last = span.end_column if number == span.end_line else 1_000_000
    return first, last


def _lit(row: tuple[Piece, ...], first: int, last: int) -> Iterator[Piece]:
    at = 0
    for piece in row:
        begin, end = max(first - at, 0), min(last - at, len(piece.text))
        at += len(piece.text)
        indent = at == len(piece.text) and not piece.text.strip()
        if begin >= end or indent:
            yield piece
            continue
        lit = piece._replace(text=piece.text[begin:end], role=f"{piece.role} lit".strip())
        yield from (
            part
            for part in (
                piece._replace(text=piece.text[:begin]),
                lit,
                piece._replace(text=piece.text[end:]),
            )
            if part.text
        )
