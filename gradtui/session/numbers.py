"""A tensor's numbers changed where it was made: its call gives way to the numbers, written out.

for made in tensors(tape, "square", stop): print(made.name, made.step, made.numbers)
given = written(made, "[1, 2, 3]")      # "torch.tensor([1.0, 2.0, 3.0], requires_grad=True)"
"""

import ast
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from gradtui.language.source import Span
from gradtui.tape import events as e
from gradtui.tape.labels import names_of
from gradtui.tape.tape import Tape
from gradtui.tape.values import array

MOST = 64  # numbers of a tensor that are edited by hand
GIVEN = 1_000  # numbers that are taken
MADE = frozenset(
    {
        *("tensor", "ones", "zeros", "full", "rand", "randn", "randint", "arange", "linspace"),
        *("eye", "normal", "ones_like", "zeros_like", "rand_like", "randn_like", "full_like"),
    }
)


class Made(Struct, frozen=True):
    """A tensor that a call of a step made out of nothing; `call` is its code."""

    name: str
    step: str
    span: Span
    call: str
    numbers: str
    dtype: str
    requires_grad: bool


class Unfit(Exception):
    """What was typed is not numbers; one clause."""


def tensors(tape: Tape, stop: int) -> list[Made]:
    """The named tensors made up to a position, the latest first."""
    found: dict[str, Made] = {}
    for made in _made(tape, stop):
        found.pop(made.name, None)
        found[made.name] = made
    return list(reversed(found.values()))


def _made(tape: Tape, stop: int) -> Iterator[Made]:
    for at in range(stop):
        event = tape.events[at]
        if not isinstance(event, e.Operation) or event.span is None or event.name not in MADE:
            continue
        made = event.outputs[0] if event.outputs else None
        numbers = None if made is None else array(made)
        if made is None or numbers is None or numbers.size > MOST or event.nodes:
            continue
        step = tape.step_of(at)
        names = names_of(tape, stop, made.tensor)
        call = tape.source_text(step, event.span)
        if names and call:
            text = _text(numbers.tolist() if made.dtype != "float32" else _short(numbers))
            yield Made(names[0], step, event.span, call, text, made.dtype, made.requires_grad)


def _short(numbers: Any) -> Any:
    """Float32 numbers as nested lists of the shortest numbers that mean them."""
    if numbers.ndim == 0:
        return float(str(numbers[()]))
    return [_short(part) for part in numbers]


def _text(numbers: Any) -> str:
    return repr(numbers)


def written(made: Made, typed: str) -> str:
    """The call that makes a tensor of the numbers typed; Unfit for what is no such thing."""
    numbers = _read(typed)
    words = [_text(numbers)]
    if made.dtype != "float32":
        words.append(f"dtype=torch.{made.dtype}")
    elif not _has_point(numbers):
        words.append("dtype=torch.float32")
    if made.requires_grad:
        words.append("requires_grad=True")
    return f"torch.tensor({', '.join(words)})"


def _read(typed: str) -> Any:
    try:
        numbers = ast.literal_eval(typed.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        raise Unfit("numbers, please: 2.5 or [1, 2, 3] or [[1, 2], [3, 4]]") from None
    if isinstance(numbers, tuple):
        numbers = list(numbers)
    if sum(1 for _ in _flat(numbers)) > GIVEN:
        raise Unfit(f"more than {GIVEN:,} numbers")
    _shape(numbers)
    return numbers


def _flat(numbers: Any) -> Iterator[Any]:
    if not isinstance(numbers, list | tuple):
        yield numbers
        return
    for part in numbers:
        yield from _flat(part)


def _shape(numbers: Any) -> tuple[int, ...]:
    if isinstance(numbers, int | float):
        return ()
    if not isinstance(numbers, list | tuple):
        raise Unfit("only numbers, and lists of them")
    shapes = {_shape(part) for part in numbers}
    if len(shapes) > 1:
        raise Unfit("its rows are not equally long")
    return (len(numbers), *(shapes.pop() if shapes else ()))


def _has_point(numbers: Any) -> bool:
    return any(isinstance(one, float) for one in _flat(numbers))


def replaced(code: str, made: Made, before: str, after: str) -> str | None:
    """Code with `after` in the place of `before`, on the line it was on; None if it is not there."""
    lines = code.split("\n")
    order = sorted(range(len(lines)), key=lambda at: abs(at + 1 - made.span.line))
    for at in order:
        if before in lines[at]:
            lines[at] = lines[at].replace(before, after, 1)
            return "\n".join(lines)
    return code.replace(before, after, 1) if before in code else None
