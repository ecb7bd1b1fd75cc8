"""Prose that quotes the program: `{{ x.grad }}`, or `{{ a.item():.4f }}` with a format.

`quotes(text)` finds them, each with the expression a probe evaluates; `render(text, values)` puts
the answers in. What is between the braces is parsed here and never run here.
"""

import ast
from collections.abc import Iterator, Mapping

from msgspec import Struct


class Quote(Struct, frozen=True):
    """One `{{ … }}`: the expression to evaluate, and where it stands in the prose."""

    expression: str  # what a probe evaluates
    written: str  # between the braces
    start: int
    end: int


def quotes(text: str) -> list[Quote]:
    """Every `{{ … }}` of a text, in order."""
    written = [(text[start + 2 : end - 2].strip(), start, end) for start, end in _braces(text)]
    return [Quote(_expression(inner), inner, start, end) for inner, start, end in written]


def unclosed(text: str) -> int | None:
    """Where a `{{` without `}}` stands, if there is one."""
    closed = max((end for _, end in _braces(text)), default=0)
    place = text.find("{{", closed)
    return None if place < 0 else place


def _braces(text: str) -> Iterator[tuple[int, int]]:
    """Where each `{{` and the `}}` that follows it stand; in one walk, however many are unclosed."""
    start = text.find("{{")
    while start >= 0:
        end = text.find("}}", start + 2)
        if end < 0:
            return
        yield start, end + 2
        start = text.find("{{", end + 2)


def render(text: str, values: Mapping[str, str]) -> str:
    """The text with each quote's answer in its place: `values` maps expressions to probed texts.

    A quote without an answer stays as it is written.
    """
    made, last = [], 0
    for quote in quotes(text):
        made += [text[last : quote.start], _plain(values.get(quote.expression), quote)]
        last = quote.end
    return "".join(made) + text[last:]


def place(text: str, offset: int) -> tuple[int, int]:
    """The line (from 1) and column (from 0) of an offset."""
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1)


def _plain(answer: str | None, quote: Quote) -> str:
    if answer is None:
        return "{{ " + quote.written + " }}"
    if answer[:1] in ("'", '"'):
        try:
            return str(ast.literal_eval(answer))
        except (ValueError, SyntaxError):
            return answer
    return answer


def _expression(written: str) -> str:
    body, colon, form = written.rpartition(":")
    if not colon or _parses(written) or not _parses(body.strip()):
        return written
    return f'f"""{{({body.strip()}):{form.strip()}}}"""'


def _parses(expression: str) -> bool:
    try:
        ast.parse(expression, mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return False
    return True
