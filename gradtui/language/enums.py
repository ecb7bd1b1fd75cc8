"""`enum` for lesson classes: Python's own, of plain values, and made by a class statement alone."""

import enum
from collections.abc import Mapping, Sequence
from typing import Any

KINDS: tuple[Any, ...] = (enum.Enum, enum.IntEnum, enum.StrEnum, enum.Flag, enum.IntFlag)
MEMBERS: dict[str, Any] = {
    **{kind.__name__: kind for kind in KINDS}, "auto": enum.auto, "unique": enum.unique
}  # fmt: skip
PLAIN = (int, float, str, bool, type(None), enum.auto)


class LessonEnum(enum.EnumMeta):
    """The type of a lesson's enumerations: calling one looks a member up and does nothing else."""

    def __call__(cls, value: Any) -> Any:  # type: ignore[override]
        look_up: Any = cls.__new__
        return look_up(cls, value)


def namespace(name: str, parents: Sequence[Any]) -> dict[str, Any]:
    """What the body of a class binds its names in: one of an enumeration counts for `auto`."""
    if parents and all(map(is_enum, parents)):
        return enum.EnumMeta.__prepare__(name, tuple(parents))
    return {}


def is_enum(kind: Any) -> bool:
    """Whether `kind` is an enumeration or a base of one."""
    return isinstance(kind, enum.EnumMeta)


def check_members(name: str, namespace: Mapping[str, Any]) -> None:
    """TypeError for a member whose text could be long: they are numbers, strings, functions, and
    tuples of these.
    """
    for key, value in namespace.items():
        if not key.startswith("_") and not _is_plain(value) and not hasattr(value, "__get__"):
            kind = type(value).__name__
            raise TypeError(f"{name}.{key} cannot be a {kind} in the lesson language")


def _is_plain(value: Any) -> bool:
    parts = value if isinstance(value, tuple) else (value,)
    return all(isinstance(part, PLAIN) or callable(part) for part in parts)


def not_called(*args: Any, **kwargs: Any) -> Any:
    """What a call of `Enum` itself runs."""
    raise TypeError("write a class statement in the lesson language")
