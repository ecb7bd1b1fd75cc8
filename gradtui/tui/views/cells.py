"""Numbers for narrow columns: fewer digits before fewer entries."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import zip_longest

from gradtui.tape import values
from gradtui.tape.events import Value
from gradtui.tui.glyphs import Glyphs, in_ascii

MOST = 16  # entries that are worth showing in few digits


@lru_cache(maxsize=4_096)
def cell(value: Value | None, width: int, glyphs: Glyphs) -> str:
    """`[-0.4134, -1.204, 1.212]`, or `[-0.41 -1.2 1.2]` where that is all the room there is."""
    if value is None or width <= 0:
        return ""
    text = values.cell(value, 60)
    if len(text) > width:
        text = _fewer_digits(value, width) or _with_a_number(value, width)
    return in_ascii(text) if glyphs.ascii else text


def _fewer_digits(value: Value, width: int) -> str:
    numbers = values.array(value)
    if numbers is None or numbers.ndim != 1 or not 0 < numbers.size <= MOST:
        return ""
    if numbers.dtype.kind != "f":
        return ""
    for digits, between in ((3, ", "), (3, " "), (2, " ")):
        text = "[" + between.join(number(float(each), digits) for each in numbers) + "]"
        if len(text) <= width:
            return text
    return ""


def _with_a_number(value: Value, width: int) -> str:
    """The value in so many columns; `[[1.5 …]]` where no entry of it had room otherwise."""
    text = values.cell(value, width)
    numbers = values.array(value)
    if numbers is None:  # too large to be kept
        numbers = values.samples(value)
    if any(each.isalnum() for each in text) or numbers is None or not numbers.size:
        return text
    first = numbers.flat[0]
    told = [number(float(first), 2), _power(first)] if numbers.dtype.kind == "f" else [str(first)]
    forms = (
        f"{'[' * depth}{one} …{']' * depth}" for one in told for depth in (len(value.shape), 1)
    )
    return next((form for form in forms if len(form) <= width), text)


def narrowed(lines: Sequence[str], width: int) -> tuple[str, ...]:
    """The rows of a grid of numbers with fewer digits, where it is wider than there is room."""
    rows = [line[2:-2].split() for line in lines]
    numbers = all(line[:2] == "[ " and line[-2:] == " ]" for line in lines)
    if not rows or not numbers or max(map(len, lines)) <= width:
        return tuple(lines)
    for digits, between in ((3, "  "), (2, "  "), (1, "  "), (1, " ")):
        told = [[_entry(entry, digits) for entry in row] for row in rows]
        columns = [max(map(len, column)) for column in zip_longest(*told, fillvalue="")]
        made = tuple(f"[ {between.join(map(str.rjust, row, columns))} ]" for row in told)
        if max(map(len, made)) <= width:
            return made
    return tuple(lines)


def _entry(entry: str, digits: int) -> str:
    """An entry of a grid in so many digits; with one, small numbers as `4e-3`."""
    try:
        value = float(entry)
    except ValueError:
        return entry
    if digits == 1 and abs(value) >= 0.01:
        return number(value, 2)
    return number(value, digits) if digits > 1 else _power(value)


def number(number: float, digits: int) -> str:
    """`-0.41`, `2e-7`: a number in so few digits that it fits a narrow column."""
    text = f"{number:.{digits}g}"
    return text if "e" not in text else _power(number)


def _power(number: float) -> str:
    return f"{number:.0e}".replace("e+0", "e").replace("e-0", "e-")
