"""Numbers for narrow columns: fewer digits before fewer entries."""

from functools import lru_cache

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
        text = _fewer_digits(value, width) or values.cell(value, width)
    return in_ascii(text) if glyphs.ascii else text


def _fewer_digits(value: Value, width: int) -> str:
    numbers = values.array(value)
    if numbers is None or numbers.ndim != 1 or not 0 < numbers.size <= MOST:
        return ""
    if numbers.dtype.kind != "f":
        return ""
    for digits, between in ((3, ", "), (3, " "), (2, " ")):
        text = "[" + between.join(_number(float(each), digits) for each in numbers) + "]"
        if len(text) <= width:
            return text
    return ""


def _number(number: float, digits: int) -> str:
    text = f"{number:.{digits}g}"
    return text if "e" not in text else f"{number:.0e}".replace("e+0", "e").replace("e-0", "e-")
