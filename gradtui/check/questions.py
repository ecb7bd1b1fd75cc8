"""A step's question against its run: the answer, the listed mistakes, the choices."""

import re

import numpy as np

from gradtui.check.numbers import entries
from gradtui.check.place import Found, Place, equal, short
from gradtui.course.schema import Ask, Step
from gradtui.tape.events import Probed


def asked_well(place: Place) -> Found:
    """What is wrong with the question of a step, if it has one."""
    ask = place.said.ask if isinstance(place.said, Step) else None
    if ask is None:
        return
    if ask.kind == "order" and not place.run.order():
        yield place.find("answer", "no backward pass runs in this step", "ask")
    if ask.kind == "prints" and not place.run.printed:
        yield place.find("answer", "this step prints nothing", "ask")
    right = _answer(ask, place)
    if right is None:
        return
    yield from _mistakes(place, ask, right)
    if ask.kind == "choice":
        yield from _choices(place, ask, right)


def _answer(ask: Ask, place: Place) -> Probed | None:
    if ask.kind == "error":
        return Probed(id="answer", text=repr(place.run.outcome))
    if ask.kind == "prints":
        return Probed(id="answer", text=repr(place.run.printed.rstrip("\n")))
    if ask.kind == "order":
        return Probed(id="answer", text=repr(", ".join(place.nodes_run())))
    answer = place.run.probes.get("answer")
    return None if answer is None or answer.error else answer


def _mistakes(place: Place, ask: Ask, right: Probed) -> Found:
    seen: list[Probed] = []
    for number in range(len(ask.mistakes)):
        wrong = place.run.probes.get(f"mistake:{number}")
        if wrong is not None and not wrong.error and _means(wrong, right, ask.kind == "order"):
            message = f"this mistake is the right answer: {short(wrong.text)}"
            yield place.find("mistake", message, "ask", "mistakes", number, "when")
        elif wrong is not None and not wrong.error and _among(wrong, seen):
            message = f"this mistake is listed before: {short(wrong.text)}"
            yield place.find("mistake", message, "ask", "mistakes", number, "when")
        if wrong is not None and not wrong.error:
            seen.append(wrong)


def _among(one: Probed, others: list[Probed]) -> bool:
    return any(equal(one, other) for other in others)


def _means(wrong: Probed, right: Probed, ordered: bool) -> bool:
    """Whether a learner who answers the one has answered the other: text alike, or numbers."""
    if equal(wrong, right) or (ordered and _words(wrong) == _words(right)):
        return True
    one, other = entries(wrong), entries(right)
    return one.size > 0 and one.shape == other.shape and bool(np.allclose(one, other, 1e-5, 1e-8))


def _words(answer: Probed) -> list[str]:
    """The words of an answer, without what an order of nodes may leave out: numbers, the leaf."""
    found = (word.rstrip("0123456789") for word in re.findall(r"[^\s,;>→'\"]+", answer.text))
    return [word for word in found if word != "AccumulateGrad"]


def _choices(place: Place, ask: Ask, right: Probed) -> Found:
    told = [place.run.probes.get(f"choice:{number}") for number in range(len(ask.choices))]
    seen: list[Probed] = []
    for number, choice in enumerate(told):
        if choice is None or choice.error:
            continue
        if _among(choice, seen):
            message = f"two choices are the same: {short(choice.text)}"
            yield place.find("choice", message, "ask", "choices", number)
        seen.append(choice)
    if seen and not any(equal(choice, right) for choice in seen):
        message = f"no choice is the answer, which is {short(right.text)}"
        yield place.find("choice", message, "ask", "choices")
