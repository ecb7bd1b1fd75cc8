"""Other keys for the actions: `remapped({"forward": ["l", "F5"]})`, and what is wrong with the wish.

A key is written as a character (`]`), or by its name (`space`, `PageDown`, `ctrl+right`).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from textual.keys import Keys

from gradtui.tui.actions import BY_ID, DEFAULT_KEYS, Keymap, shown
from gradtui.tui.shims import key_of

NAMES = frozenset(key.value for key in Keys if not key.value.startswith("<"))
RESERVED = {"ctrl+c": "it always leaves", "ctrl+q": "it always leaves"}
SAME = {"ctrl+i": "tab", "ctrl+m": "enter", "ctrl+h": "backspace", "return": "enter"}

Problem = tuple[str, str]  # the action's id, and what is wrong with its keys


def remapped(wanted: Mapping[str, Any]) -> tuple[Keymap, list[Problem]]:
    """The keymap with every wish that can be met; the others keep the table's keys."""
    problems: list[Problem] = []
    chosen: dict[str, tuple[str, ...]] = {}
    for id, written in wanted.items():
        try:
            chosen[id] = _keys(id, written)
        except ValueError as error:
            problems.append((id, str(error)))
    while clashes := list(_clashes(DEFAULT_KEYS.with_keys(chosen), chosen)):
        problems += clashes
        for id, _ in clashes:
            del chosen[id]
    return DEFAULT_KEYS.with_keys(chosen), problems


def _keys(id: str, written: Any) -> tuple[str, ...]:
    if id not in BY_ID:
        raise ValueError("there is no such action (`gradtui keys` lists them)")
    several = [written] if isinstance(written, str) else written
    if not isinstance(several, list) or not several:
        raise ValueError("a list of keys is expected, at least one")
    return tuple(dict.fromkeys(_key(id, one) for one in several))


def _key(id: str, written: Any) -> str:
    """The name of a key as Textual has it; ValueError where there is no such key."""
    if not isinstance(written, str):
        raise ValueError(f"{written!r} is not a key")
    name = key_of(written) if len(written) == 1 else written.lower().replace(" ", "")
    if name in RESERVED and name not in BY_ID[id].keys:
        raise ValueError(f"{shown(name)} cannot be taken: {RESERVED[name]}")
    if name in SAME:
        raise ValueError(f"a terminal cannot tell {written} from {SAME[name]}")
    if not _is_key(name):
        raise ValueError(f"{written!r} is not a key")
    return name


def _is_key(name: str) -> bool:
    return name in NAMES or (name.isprintable() and len(shown(name)) == 1)


def _clashes(keymap: Keymap, chosen: Mapping[str, object]) -> Iterator[Problem]:
    """Of the actions that were given keys, those with a key that another action has too."""
    for action in keymap.actions:
        if action.id not in chosen:
            continue
        for other in keymap.actions:
            both = [key for key in action.keys if key in other.keys]
            if other.id != action.id and both:
                yield action.id, f"{shown(both[0])} is a key of `{other.id}` too"
                break
