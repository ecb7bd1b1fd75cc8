"""Hint ladders that give the answer away before their last rung."""

import re
from collections.abc import Iterator

from gradtui.check.findings import Finding
from gradtui.check.numbers import entries, same, written
from gradtui.check.place import Place, equal
from gradtui.check.prose import spans
from gradtui.course import templates
from gradtui.course.schema import Ask, Step
from gradtui.tape.events import Probed

_NUMERIC = re.compile(r"(?:tensor)?[-−+\d.,\s\[\]()e]+")
_SAYS = re.compile(r"(?:\bis|=|\bequals|\banswer(?: is)?:?|\bgives|\bbecomes)\s*$")


def given_away(place: Place) -> Iterator[Finding]:
    """A finding for each hint but the last that holds the answer."""
    if not isinstance(place.said, Step):
        return
    ask, task = place.said.ask, place.said.exercise
    for number, hint in enumerate(ask.hints[:-1] if ask else ()):
        if ask and _gives(place, ask, number, hint):
            message = f"hint {number + 1} of {len(ask.hints)} gives the answer away"
            yield place.find("hint", message, "ask", "hints", number)
    for number, hint in enumerate(task.hints[:-1] if task else ()):
        if task and _plain(task.solution) in _plain(hint):
            message = f"hint {number + 1} of {len(task.hints)} is the solution"
            yield place.find("hint", message, "exercise", "hints", number)


def _plain(text: str) -> str:
    return "".join(text.split())


def _gives(place: Place, ask: Ask, number: int, hint: str) -> bool:
    right = place.run.probes.get("answer")
    if ask.kind == "order":
        return _in_order(place, hint)
    if ask.kind == "error":
        return _names(hint, place.run.outcome) and "no error" not in hint
    if ask.kind == "prints":
        return bool(place.run.printed.strip()) and _plain(place.run.printed) in _plain(hint)
    if right is None or right.error:
        return False
    quoted = [
        place.run.probes.get(f"quote:hint:{number}:{n}") for n in range(len(templates.quotes(hint)))
    ]
    if any(one is not None and not one.error and _same(one, right) for one in quoted):
        return True
    if ask.kind == "value":
        return _has_number(hint, right)
    return _has_text(place, ask, hint, right)


def _same(quote: Probed, right: Probed) -> bool:
    """Whether a quoted value shows the answer: the same, or its number in fewer digits."""
    if equal(quote, right):
        return True
    shown = written(quote.text.strip("'"))
    return bool(shown) and same(shown, entries(right)) and not shown[0].is_whole


def _has_number(hint: str, right: Probed) -> bool:
    """Whether the answer's numbers stand in a hint, and not by chance as `2` in `times 2` may."""
    held = entries(right)
    if not held.size:
        return right.text.strip("'") not in ("", "None") and _names(hint, right.text.strip("'"))
    plain = re.sub(r"\{\{.*?\}\}", "", hint, flags=re.DOTALL)
    shown = [one.code for one in spans(plain) if _NUMERIC.fullmatch(one.code)]
    if any(same(written(one), held) for one in shown):
        return True
    if held.size > 1:
        lists = re.findall(r"(?<!\w)\[[^\]]*\]", plain)
        return any(same(written(one), held) for one in lists)
    return any(
        _stated(plain, one.text, one.is_whole) for one in written(plain) if same([one], held)
    )


def _stated(hint: str, number: str, whole: bool) -> bool:
    """A number with decimals is no chance; a whole one is, unless it is said to be the result."""
    if not whole:
        return True
    places = [
        one.start() for one in re.finditer(rf"(?<![\w.]){re.escape(number)}(?![\w.]*\w)", hint)
    ]
    return hint.strip(" .!") == number or any(_SAYS.search(hint, 0, at) for at in places)


def _has_text(place: Place, ask: Ask, hint: str, right: Probed) -> bool:
    """Whether a hint names the answer of a choice, and none of the others."""
    others = {"None", "zero", "zeros", "0"} if ask.kind == "none_or_zero" else set()
    for n in range(len(ask.choices)):
        choice = place.run.probes.get(f"choice:{n}")
        if choice is not None and not choice.error and not equal(choice, right):
            others.add(choice.text.strip("'"))
    text = right.text.strip("'")
    if ask.kind == "none_or_zero" and right.value is not None:
        return False
    return _names(hint, text) and not any(_names(hint, one) for one in others - {text})


def _names(hint: str, text: str) -> bool:
    """Whether a text stands in a hint as words of its own."""
    plain = re.sub(r"\{\{.*?\}\}", "", hint, flags=re.DOTALL)
    return re.search(rf"(?<!\w){re.escape(text)}(?!\w)", plain) is not None


def _in_order(place: Place, hint: str) -> bool:
    """Whether a hint names two nodes or more of the pass, all of them and in their order."""
    ran = [name.rstrip("0123456789") for name in place.nodes_run()]
    names = [name for name in ran if name != "AccumulateGrad"]
    at = -1
    for name in names:
        at = hint.find(name, at + 1)
        if at < 0:
            return False
    return len(names) > 1
