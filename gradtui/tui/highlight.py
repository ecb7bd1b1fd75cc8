"""Python code as coloured pieces, line by line, and a span of it lit."""

import builtins
import keyword
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from gradtui.language.source import Span
from gradtui.tui.lines import Piece, printable

# Every character is in one of these; what is not finished ends with its line, or with the text.
_TOKEN = re.compile(
    r"""
      (?P<comment> \#[^\n]* )
    | (?P<string>
        (?P<prefix> (?i: [rbuft]{0,2} ) )
        (?: \"{3} (?: [^\\] | \\. )*? (?: \"{3} | \Z ) | '{3} (?: [^\\] | \\. )*? (?: '{3} | \Z )
          | " (?: [^"\\\n] | \\. )* "? | ' (?: [^'\\\n] | \\. )* '? )
      )
    | (?P<number> (?i: 0[xbo][\da-f_]+ | (?: \d[\d_]*\.?[\d_]* | \.\d[\d_]* ) (?: e[-+]?\d+ )? j? ) )
    | (?P<name> [^\W\d]\w* )
    | (?P<operator> [-+*/%@&|^~<>=!.]+ )
    | (?P<other> [ \t]+ | . )
    """,
    re.VERBOSE | re.DOTALL,
)
_FIELD = re.compile(r"(\{\{|\}\}|\{[^{}!:]*)")  # of an f-string; doubled braces are text
_KNOWN = {
    **dict.fromkeys((name for name in dir(builtins) if name[0].islower()), "code-function"),
    "self": "code-function",
    **dict.fromkeys(keyword.kwlist, "code-keyword"),
}


@lru_cache(maxsize=128)
def highlight(code: str, python: bool = True) -> tuple[tuple[Piece, ...], ...]:
    """The pieces of each line; text of other languages has no colours."""
    if not python:
        return tuple((Piece(printable(line)),) for line in code.split("\n"))
    rows: list[list[Piece]] = [[]]
    for role, text in _pieces(code):
        first, *others = text.split("\n")
        _add(rows[-1], first, role)
        for part in others:
            rows.append([])
            _add(rows[-1], part, role)
    return tuple(map(tuple, rows))


def _pieces(code: str) -> Iterator[tuple[str, str]]:
    """The code in pieces, each with its role."""
    before = ""  # the token before, but for spaces
    for token in _TOKEN.finditer(code):
        kind, text = token.lastgroup, token[0]
        if kind == "name":
            yield _role(text, before), text
        elif kind == "string" and "f" in token["prefix"].lower():
            yield from _formatted(text)
        else:
            yield ("" if kind == "other" else f"code-{kind}"), text
        before = before if text.isspace() else text


def _role(name: str, before: str) -> str:
    if before in ("def", "class"):
        return "code-function"
    return "code-name" if before == "." else _KNOWN.get(name, "code-name")


def _formatted(text: str) -> Iterator[tuple[str, str]]:
    """An f-string: what stands in its braces is code."""
    for at, part in enumerate(_FIELD.split(text)):
        if at % 2 and part not in ("{{", "}}"):
            yield "code-string", "{"
            yield from _pieces(part[1:])
        elif part:
            yield "code-string", part


def _add(row: list[Piece], text: str, role: str) -> None:
    if text:
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
