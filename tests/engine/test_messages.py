"""Wrong calls raise what torch raises, with torch's text: a few of each function (`message_audit`)."""

import os
from collections.abc import Iterator

import pytest
from message_audit import APART, ROOMS, Audit, calls, examine, names

COUNT = int(os.environ.get("GRADTUI_CALLS", "6"))
"""Calls of each function; those that `messages_apart.txt` names are left to the script."""


def cases() -> Iterator[tuple[str, str]]:
    apart = set(APART.read_text().split())
    for room in ROOMS:
        yield from ((room, name) for name in names(room) if f"{room}.{name}" not in apart)


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room or "torch")
def test_wrong_calls_say_what_torch_says(room: str) -> None:
    found = []
    for here, name in cases():
        if here == room:
            for call in calls(room, name, COUNT):
                found.append((call, examine(call, f"{room}.{name}", Audit())))
    assert [(call, wrong) for call, wrong in found if wrong] == []


def test_most_functions_are_held_to_it() -> None:
    apart = APART.read_text().split()
    assert len(apart) < 2 * len(list(cases()))
