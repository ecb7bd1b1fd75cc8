"""Every overload of every function and method of torch, as torch's argument parser knows it.

>>> [overload.shown() for overload in overloads("relu", method=False)]
['(Tensor input)']

`signatures.txt` lists them in the order in which they are tried (`tests/engine/write_signatures.py`
writes it).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_SHOWN = {
    "Scalar": "Number",
    "int64_t": "int",
    "SymInt": "int",
    "double": "float",
    "IntArrayRef": "tuple of ints",
    "SymIntArrayRef": "tuple of ints",
    "ArrayRef<double>": "tuple of floats",
    "TensorList": "tuple of Tensors",
    "ScalarList": "tuple of Scalars",
    "ScalarType": "torch.dtype",
    "Layout": "torch.layout",
    "Device": "torch.device",
    "MemoryFormat": "torch.memory_format",
    "Generator": "torch.Generator",
    "c10::string_view": "str",
    "std::string": "str",
    "DimnameList": "tuple of names",
    "Dimname": "name",
}


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of an overload: its C++ type, its name, whether it may be left out or None."""

    kind: str
    name: str
    size: int = 0
    default: str | None = None
    nullable: bool = False
    keyword: bool = False

    @property
    def shown_kind(self) -> str:
        return _SHOWN.get(self.kind, self.kind)

    @property
    def optional(self) -> bool:
        return self.default is not None

    def shown(self) -> str:
        return f"{self.shown_kind} {self.name}" + (f" = {self.default}" if self.optional else "")


@dataclass(frozen=True, slots=True)
class Overload:
    """One signature; `hidden` ones are deprecated: they work, and no message mentions them."""

    name: str
    arguments: tuple[Argument, ...]
    hidden: bool = False

    @property
    def positional(self) -> int:
        return sum(not a.keyword for a in self.arguments)

    @property
    def least(self) -> int:
        return sum(not a.optional for a in self.arguments)

    def shown(self) -> str:
        parts: list[str] = []
        for a in self.arguments:
            if a.keyword and "*" not in parts:
                parts.append("*")
            parts.append(a.shown())
        return "(" + ", ".join(parts) + ")"


@cache
def _lines() -> tuple[dict[str, list[str]], ...]:
    """The lines of functions, of methods and of members of torch's modules, by name."""
    tables: list[dict[str, list[str]]] = []
    for line in Path(__file__).with_name("signatures.txt").read_text().splitlines():
        if "(" not in line:
            tables.append({})
        else:
            tables[-1].setdefault(line.partition("(")[0], []).append(line)
    return tuple(tables)


def known(name: str, method: bool) -> bool:
    """Whether torch has a function (or a method of tensors) of that name."""
    return not name.startswith(("linalg_", "special_")) and name in _lines()[method]


def takes(name: str, method: bool) -> list[str] | None:
    """The parameters of every overload as text, in the order in which they are tried."""
    functions, methods, members = _lines()
    lines = methods.get(name) if method else functions.get(name) or members.get(name)
    return lines and [line[len(name) :] for line in lines]


@cache
def overloads(name: str, method: bool) -> tuple[Overload, ...]:
    """What torch's parser tries for a name."""
    return tuple(_overload(name + text) for text in takes(name, method) or ())


def _overload(line: str) -> Overload:
    name, rest = line.split("(", 1)
    inside, _, flag = rest.rpartition(")")
    arguments, keyword = [], False
    for part in _parts(inside):
        if part == "*":
            keyword = True
        else:
            arguments.append(_argument(part, keyword))
    return Overload(name, tuple(arguments), flag in ("|deprecated", "|hidden"))


def _parts(inside: str) -> list[str]:
    return [p for p in re.split(r", (?![^\[{(]*[\]})])", inside) if p]


def _argument(part: str, keyword: bool) -> Argument:
    left, _, default = part.partition("=")
    kind, name = left.rsplit(" ", 1)
    nullable = kind.endswith("?")
    sized = re.fullmatch(r"(\w+)\[(\d+)\]", kind.rstrip("?"))
    return Argument(
        kind=sized[1] if sized else kind.rstrip("?"),
        name=name,
        size=int(sized[2]) if sized else 0,
        default=default or None,
        nullable=nullable or default == "None",
        keyword=keyword,
    )
