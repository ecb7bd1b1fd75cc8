"""`datetime` as lesson code gets it: Python's own types, whose formats are short."""

import datetime
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradtui.language.runtime import Runtime

LONGEST = 200  # characters of a format
KINDS = (datetime.date, datetime.datetime, datetime.time, datetime.timedelta, datetime.timezone)
MEMBERS: dict[str, Any] = {kind.__name__: kind for kind in KINDS}
_DATE = """
    year month day today fromordinal fromisoformat fromtimestamp toordinal weekday isoweekday
    isoformat strftime replace timetuple ctime min max resolution
"""
_TIME = "hour minute second microsecond tzinfo isoformat strftime replace utcoffset min max"
ATTRIBUTES: dict[type, frozenset[str]] = {
    datetime.date: frozenset(_DATE.split()),
    datetime.datetime: frozenset(
        f"{_DATE} {_TIME} now utcnow combine strptime date time timestamp astimezone".split()
    ),
    datetime.time: frozenset(f"{_TIME} fromisoformat".split()),
    datetime.timedelta: frozenset("days seconds microseconds total_seconds min max".split()),
    datetime.timezone: frozenset(["utc"]),
}


def methods(runtime: "Runtime") -> dict[type, dict[str, Callable[..., Any]]]:
    """The methods that take a format."""

    def formatted(owner: Any, args: tuple[Any, ...], kwargs: Any) -> Any:
        return owner.strftime(*map(_short, args))

    def parsed(owner: Any, args: tuple[Any, ...], kwargs: Any) -> Any:
        return datetime.datetime.strptime(*map(_short, args))

    date = {"strftime": formatted}
    return {
        datetime.date: date,
        datetime.time: date,
        datetime.datetime: {**date, "strptime": parsed},
    }


def _short(text: Any) -> Any:
    if isinstance(text, str) and len(text) > LONGEST:
        raise ValueError(f"a format has at most {LONGEST} characters in the lesson language")
    return text
