"""Types that `typing` makes of class statements: `TypedDict`, and protocols that `isinstance` knows
by what they ask for.
"""

import typing
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradtui.language.runtime import Runtime

MEMBERS = "_is_protocol_of"
"""Where a protocol keeps the names it asks for; None until `runtime_checkable` is asked."""


def is_protocol(base: Any) -> bool:
    """Whether a base is `Protocol`, of some type or of none."""
    return getattr(base, "__origin__", base) is typing.Protocol


def describe(namespace: dict[str, Any]) -> dict[str, Any]:
    """What a class statement that names `Protocol` has besides its own members."""
    names = {n for n in namespace if not n.startswith("_")} | {
        *namespace.get("__annotations__", ()),
        *(n for n in namespace if n in ("__len__", "__iter__", "__call__", "__getitem__")),
    }

    def fits(cls: Any, other: Any) -> Any:
        if MEMBERS not in cls.__dict__:
            return NotImplemented
        bases = other.__mro__
        there = all(any(name in base.__dict__ for base in bases) for name in names)
        return True if there else NotImplemented

    return {"__subclasshook__": classmethod(fits), MEMBERS: frozenset(names)}


def check_known(info: Any) -> None:
    """Python's TypeError for a protocol that has not been made checkable."""
    if isinstance(info, type) and MEMBERS in info.__dict__ and "_checkable" not in info.__dict__:
        raise TypeError(
            "Instance and class checks can only be used with @runtime_checkable protocols"
        )


def checkable(cls: Any) -> Any:
    """`runtime_checkable`."""
    if not (isinstance(cls, type) and MEMBERS in cls.__dict__):
        raise TypeError(f"@runtime_checkable can be only applied to protocol classes, got {cls!r}")
    type.__setattr__(cls, "_checkable", True)
    return cls


def is_typed_dict(base: Any) -> bool:
    """Whether a base is `TypedDict`, or a class made of it."""
    return base is typing.TypedDict or "__typed_dict__" in getattr(base, "__dict__", {})


def typed_dict(
    runtime: "Runtime", name: str, parents: list[Any], namespace: dict[str, Any]
) -> type:
    """A class whose call is a call of `dict`."""
    inherited: dict[str, Any] = {}
    for parent in parents:
        inherited |= getattr(parent, "__annotations__", {})
    members = {
        "__module__": "__main__",
        "__qualname__": namespace.get("__qualname__", name),
        "__doc__": namespace.get("__doc__"),
        "__annotations__": inherited | namespace.get("__annotations__", {}),
        "__typed_dict__": True,
        "__new__": lambda cls, *args, **kwargs: runtime.call(dict, *args, **kwargs),
    }
    return type(name, (), members)
