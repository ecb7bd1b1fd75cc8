"""A lesson against one of its runs: does what it promises happen?

Each check is a function from a `Place` — a step of the lesson and what it did — to findings, and
`CHECKS` is the list of them. A what-if is checked as a step of its own.
"""

import re
from collections.abc import Callable, Sequence

from gradtui.check.findings import Finding
from gradtui.check.hints import given_away
from gradtui.check.kinds import Kind
from gradtui.check.place import Found, Place, at_probe, first_line, short
from gradtui.check.prints import first_difference, line, says
from gradtui.check.questions import asked_well
from gradtui.course.schema import Raises
from gradtui.language.draws import RANDOM
from gradtui.language.errors import DrawMismatch, OverBudget


def verify(place: Place) -> list[Finding]:
    """Everything in one place that is not as the lesson says."""
    if place.run.stopped:
        return list(_stopped(place))
    return [finding for check in CHECKS for finding in check(place)]


_LINE = re.compile(r"(?:line |^(?:.*?:)?)(\d+)(?::(\d+))?: ")


def _stopped(place: Place) -> Found:
    for reason in place.run.stopped.splitlines():
        found = _LINE.match(reason)
        row, column = (int(found[1]), int(found[2] or 1)) if found else (1, 1)
        message = reason[found.end() :] if found else reason
        kind: Kind = "limit" if found or "limit" in reason else "crash"
        yield place.find_in(kind, message, "code", row, column - 1)


def _prints(place: Place) -> Found:
    expected = place.said.prints
    if expected is None:
        return
    number = first_difference(expected, place.run.printed, place.strict)
    if number is None:
        return
    wanted, got = line(expected, number), line(place.run.printed, number)
    yield place.find_in("prints", _difference(wanted, got), "prints", number + 1)


def _difference(wanted: str | None, got: str | None) -> str:
    if got is None:
        return f"this line is not printed: {short(wanted or '')}"
    if wanted is None:
        return f"another line is printed after these: {short(got)}"
    return f"prints {short(got)}, but {short(wanted)} is expected"


_OURS: dict[str, Kind] = {DrawMismatch.__name__: "draws", OverBudget.__name__: "limit"}


def _raises(place: Place) -> Found:
    expected, error = place.said.raises, place.run.error
    if expected is None:
        if error is not None:
            kind = _OURS.get(error.type, "error")
            said = short(first_line(error.message))
            message = f"unexpected {error.type}: {said}" if kind == "error" else said
            yield place.find_at(kind, message, error.span)
        return
    if error is None:
        message = f"no error happens here, expected {expected.type}{_elsewhere(place, expected)}"
        yield place.find("raises", message, "raises")
    else:
        yield from _other_error(place, expected, error.type, error.message)


def _elsewhere(place: Place, expected: Raises) -> str:
    """Where else in the lesson the error happens that is expected here."""
    for step in place.loaded.lesson.steps:
        run = place.others.get(step.id)
        error = run.error if run else None
        if error is not None and step.raises is None and says(expected.match, error.message):
            return f"; it happens in step {step.id}"
    return ""


def _other_error(place: Place, expected: Raises, type_name: str, message: str) -> Found:
    if type_name != expected.type:
        raised = f"{type_name}: {short(first_line(message))}"
        yield place.find("raises", f"the error is {raised}", "raises", "type")
    elif not says(expected.match, message, place.strict):
        told = f"the {type_name} says: {short(first_line(message))}"
        yield place.find("raises", told, "raises", "match")


_PURPOSES: dict[str, tuple[Kind, str]] = {
    "check": ("check", "does not compute"),
    "quote": ("quote", "prose quotes what does not compute"),
    "answer": ("answer", "the answer does not compute"),
    "mistake": ("mistake", "the mistake does not compute"),
    "choice": ("choice", "the choice does not compute"),
}


def _probes(place: Place) -> Found:
    if place.run.error is not None and place.said.raises is None:
        return  # one unexpected error is told once, not by all that depends on it
    for asked in place.asked:
        told = place.run.probes.get(asked.probe.id)
        purpose = asked.probe.id.partition(":")[0]
        if told is None:
            continue
        kind, what = _PURPOSES[purpose]
        if told.error:
            yield at_probe(place, asked, kind, f"{what}: {short(first_line(told.error))}")
        elif kind == "check" and not told.truth:
            message = f"is not true: {asked.probe.expression} gives {short(told.text)}"
            yield at_probe(place, asked, kind, message)


def _what_if(place: Place) -> Found:
    if place.main is None:
        return
    if place.run.without_places() == place.main.without_places():
        yield place.find("what_if", "this what-if does just what the step does", "code")


def _draws(place: Place) -> Found:
    said = place.said
    draws = place.step.draws if said.draws is None else said.draws
    if place.run.error is not None or (place.what_if is not None and said.draws is None):
        return
    used = sum(getattr(event, "name", "") in RANDOM for event in place.run.events)
    if used < len(draws):
        message = f"{len(draws) - used} of {len(draws)} draws are left over"
        yield place.find("draws", message, "draws", used)
    if 0 < len(draws) < used:
        message = f"{used} random calls, but {len(draws)} draws: give one for each, or none"
        yield place.find("draws", message, "draws")


CHECKS: Sequence[Callable[[Place], Found]] = (
    _prints,
    _raises,
    _probes,
    _what_if,
    asked_well,
    given_away,
    _draws,
)
