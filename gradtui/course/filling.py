"""A model of the format filled from what YAML gave, whose scalars are all still text.

step, misfits = fill(Step, {"id": "a", …})   # None where anything does not fit, and all of that
fits(Id, "my-lesson")                        # whether a text is one
keys(Step)["what_if"].model                  # WhatIf: what a model has at each of its keys
content(step)                                # the same as plain data, without what is usual
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from operator import ge, gt, le, lt
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, TypeVar, Union, get_args, get_origin

from msgspec import Meta, Struct
from msgspec.structs import fields

from gradtui.course.schema import Model
from gradtui.course.yaml_nodes import Path

M = TypeVar("M", bound=Model)

MISSING, UNKNOWN = "missing", "unknown"
_LIMITS = ("min_length", "max_length", "pattern", "gt", "ge", "lt", "le")
NEEDED = object()  # in the place of what is usual: the key must be given


class Misfit(NamedTuple):
    """What does not fit, and where: `words` go after the name of the key; or MISSING, UNKNOWN."""

    path: Path
    words: str


class Key(Struct, frozen=True):
    """What stands at a key: a scalar, a mapping, or a list whose every item is the same."""

    kind: Any  # str, int, float, Literal, Any, tuple or a model
    description: str = ""
    limits: Mapping[str, Any] = {}  # {"max_length": 64}: the bounds of msgspec's Metas
    reads: Callable[[Any], Any] | None = None  # in the place of what reads its kind
    choices: tuple[str, ...] = ()  # of a Literal
    item: "Key | None" = None
    usual: Any = NEEDED  # what it is where it is not given

    @property
    def model(self) -> type[Model] | None:
        """The mapping that stands there, alone or in a list."""
        if self.item is not None:
            return self.item.model
        return self.kind if isinstance(self.kind, type) and issubclass(self.kind, Model) else None


@cache
def keys(model: type[Model]) -> Mapping[str, Key]:
    """What a model has at each of its keys, in their order."""
    usual = {one.name: NEEDED if one.required else one.default for one in fields(model)}
    return {one.name: _key(one.type, usual[one.name]) for one in fields(model)}


def _key(kind: Any, usual: Any = NEEDED, said: tuple[Any, ...] = ()) -> Key:
    origin, inside = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _key(inside[0], usual, said + kind.__metadata__)
    if origin in (Union, UnionType):
        (kind,) = (one for one in inside if one is not NoneType)
        return _key(kind, usual, said)
    metas = [one for one in said if isinstance(one, Meta)]
    bounds = ((name, getattr(meta, name)) for meta in metas for name in _LIMITS)
    return Key(
        origin or kind,
        next((meta.description for meta in metas if meta.description), ""),
        {name: bound for name, bound in bounds if bound is not None},
        next((one for one in said if not isinstance(one, Meta)), None),
        inside if origin is Literal else (),
        _key(inside[0]) if origin is tuple else None,
        usual,
    )


def fill(model: type[M], data: Any) -> tuple[M | None, list[Misfit]]:
    """The model, or all that does not fit: by key in the model's order, what is unknown last."""
    found: list[Misfit] = []
    made = _model(model, data, (), found)
    return (None if found else made), found


def fits(kind: Any, text: str) -> bool:
    """Whether a text is of a kind of scalar."""
    found: list[Misfit] = []
    _value(_key(kind), text, (), found)
    return not found


def content(value: Any) -> Any:
    """As plain data: mappings, tuples and scalars, without the keys that are as they usually are."""
    if isinstance(value, tuple):
        return tuple(map(content, value))
    if not isinstance(value, Model):
        return value
    held = {name: (getattr(value, name), key) for name, key in keys(type(value)).items()}
    return {name: content(one) for name, (one, key) in held.items() if one != key.usual}


def _model(model: type[M], data: Any, path: Path, found: list[Misfit]) -> M | None:
    if not isinstance(data, dict):
        found.append(Misfit(path, _wants("a mapping of keys", data)))
        return None
    known, given, before = keys(model), {}, len(found)
    for name, key in known.items():
        if name in data:
            given[name] = _value(key, data[name], (*path, name), found)
        elif key.usual is NEEDED:
            found.append(Misfit((*path, name), MISSING))
    found += [Misfit((*path, name), UNKNOWN) for name in data if name not in known]
    return model(**given) if len(found) == before else None


def _value(key: Key, value: Any, path: Path, found: list[Misfit]) -> Any:
    if key.item is not None:
        return _list(key, key.item, value, path, found)
    if key.model is not None:
        return _model(key.model, value, path, found)
    try:
        return _scalar(key, value)
    except ValueError as error:
        found.append(Misfit(path, str(error)))


def _list(
    key: Key, item: Key, value: Any, path: Path, found: list[Misfit]
) -> tuple[Any, ...] | None:
    before, words = len(found), _miscounted(key, value)
    if not words:
        return tuple(_value(item, one, (*path, at), found) for at, one in enumerate(value))
    if isinstance(value, list) and len(value) <= key.limits.get("max_length", len(value)):
        for at, one in enumerate(value):  # too few of them: what is wrong with them comes before
            _value(item, one, (*path, at), found)
    if len(found) == before:
        found.append(Misfit(path, words))
    return None


def _miscounted(key: Key, value: Any) -> str:
    if not isinstance(value, list):
        return _wants("a list (lines that begin with `- `)", value)
    for word, name, within in (("at least", "min_length", ge), ("at most", "max_length", le)):
        limit = key.limits.get(name, len(value))
        if not within(len(value), limit):
            return f"must have {word} {limit:,} items, but it has {len(value)}"
    return ""


# Scalars: what a text says, or a ValueError in the words of a lesson's author.


def _scalar(key: Key, value: Any) -> Any:
    if key.reads is not None:
        return key.reads(value)
    made = _READ[key.kind](key, value)
    for name, within, word in _BOUNDS:
        limit = key.limits.get(name)
        if limit is not None and not within(made, limit):
            raise ValueError(f"must be {word} {limit:,.15g}, not {_short(value)}")
    return made


def _text(key: Key, value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(_wants("text", value))
    most, pattern = key.limits.get("max_length"), key.limits.get("pattern")
    if most is not None and len(value) > most:
        raise ValueError(f"must be no longer than {most:,} characters")
    if len(value) < key.limits.get("min_length", 0):
        raise ValueError("is empty: write it, or remove the key")
    if pattern is not None and not re.fullmatch(pattern, value):
        raise ValueError(_wants(_PATTERNS.get(pattern, pattern), value))
    return value


def _whole(key: Key, value: Any) -> int:
    if not isinstance(value, str) or not _WHOLE.fullmatch(value.strip()):
        raise ValueError(_wants("a whole number", value))
    if len(value) > _DIGITS:
        raise ValueError(_wants("a smaller whole number", value))
    return int(value.partition(".")[0])


def _number(key: Key, value: Any) -> float:
    try:
        return float(str(value)) if not isinstance(value, dict | list) else float("")
    except ValueError:
        raise ValueError(_wants("a number", value)) from None


def _choice(key: Key, value: Any) -> str:
    if value not in key.choices:
        *most, last = map(repr, key.choices)
        raise ValueError(_wants(f"one of {', '.join(most)} or {last}", value))
    return str(value)


_READ: dict[Any, Callable[[Key, Any], Any]] = {
    str: _text,
    int: _whole,
    float: _number,
    Literal: _choice,
}
_BOUNDS: Sequence[tuple[str, Callable[[Any, Any], bool], str]] = (
    ("gt", gt, "more than"),
    ("ge", ge, "at least"),
    ("lt", lt, "less than"),
    ("le", le, "at most"),
)
_WHOLE = re.compile(r"[+-]?\d+(_\d+)*(\.0*)?", re.ASCII)
_DIGITS = 100
_PATTERNS = {
    r"^[a-z0-9]+(?:-[a-z0-9]+)*$": "lower case letters and digits, joined by single hyphens",
    r"^[^\n]*\S[^\n]*$": "one line of text",
    r"^[A-Z][A-Za-z]*$": "the name of an error type, such as RuntimeError",
    r"^[0-9]{1,6}(\.[0-9]{1,6}){0,2}$": "a version such as 1.0.0",
}


def _wants(what: str, value: Any) -> str:
    return f"must be {what}, but it is {_shape(value)}"


def _shape(value: Any) -> str:
    if isinstance(value, dict | list):
        return "a mapping of keys" if isinstance(value, dict) else "a list"
    return f"`{_short(value)}`" if value else "empty"


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 40 else text[:37] + "..."
