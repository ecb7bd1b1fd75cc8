"""Whether code and expressions are of the lesson language, without running them."""

import ast
from typing import NamedTuple


class Refusal(NamedTuple):
    """Why a piece of code is refused: line from 1 and column from 0 within it."""

    line: int
    column: int
    message: str


def code(text: str) -> list[Refusal]:
    """What keeps a text from being a lesson program; nothing if it is one."""
    return _parse(text, "exec")


def expression(text: str) -> list[Refusal]:
    """What keeps a text from being one expression of the lesson language."""
    return _parse(text.strip(), "eval")


def _parse(text: str, mode: str) -> list[Refusal]:
    try:
        ast.parse(text, mode=mode)
    except SyntaxError as error:
        message = f"not Python: {error.msg}"
        return [Refusal(error.lineno or 1, max((error.offset or 1) - 1, 0), message)]
    except (ValueError, MemoryError, RecursionError) as error:
        return [Refusal(1, 0, f"not Python: {error or 'nested too deeply'}")]
    return []
