"""Nested tuples, lists and dicts of values, taken apart and put together again.

>>> flatten({"a": 1, "b": (2, 3)})[0]
[1, 2, 3]
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

Build = Callable[[Sequence[Any]], Any]


def children(tree: Any) -> tuple[list[Any], Build] | None:
    """The parts of a container and what makes one like it of new parts; None for a leaf."""
    if isinstance(tree, dict):
        keys = list(tree)
        return list(tree.values()), lambda parts: type(tree)(zip(keys, parts, strict=True))
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return list(tree), lambda parts: type(tree)(*parts)
    if isinstance(tree, (tuple, list)):
        return list(tree), type(tree)
    return None


def flatten(tree: Any) -> tuple[list[Any], Build]:
    """The leaves, and the function that puts as many new ones in their places."""
    found = children(tree)
    if found is None:
        return [tree], lambda leaves: leaves[0]
    parts, build = found
    flat = [flatten(part) for part in parts]
    sizes = [len(leaves) for leaves, _ in flat]

    def rebuild(leaves: Sequence[Any]) -> Any:
        made, start = [], 0
        for (_, inner), size in zip(flat, sizes, strict=True):
            made.append(inner(leaves[start : start + size]))
            start += size
        return build(made)

    return [leaf for leaves, _ in flat for leaf in leaves], rebuild


class _Shown:
    """A part of a tree as text."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


def structure(tree: Any) -> str:
    """The containers with `*` for every leaf, as torch's errors show them."""
    found = children(tree)
    if found is None:
        return "*"
    parts, build = found
    return repr(build([_Shown(structure(part)) for part in parts]))


def spec(tree: Any, indent: int = 2) -> str:
    """The structure of a tree as torch's TreeSpec shows it."""
    found = children(tree)
    if found is None:
        return "*"
    inner = f",\n{' ' * indent}".join(spec(part, indent + 2) for part in found[0])
    keys = list(tree) if isinstance(tree, dict) else None
    return f"TreeSpec({type(tree).__name__}, {keys}, [{inner}])"


def transform(function: Callable[[Any], Any], tree: Any) -> Any:
    """The same structure with `function` of every leaf."""
    leaves, rebuild = flatten(tree)
    return rebuild([function(leaf) for leaf in leaves])


def spread(prefix: Any, tree: Any) -> list[Any] | None:
    """One entry of `prefix` for each leaf of `tree` it stands above; None where they do not fit."""
    found = children(tree)
    if found is None:
        return None if children(prefix) is not None else [prefix]
    if children(prefix) is None:
        return [prefix] * len(flatten(tree)[0])
    if type(prefix) is not type(tree) or len(prefix) != len(tree):
        return None
    upper = children(prefix)
    assert upper is not None
    parts = [spread(p, t) for p, t in zip(upper[0], found[0], strict=True)]
    if any(part is None for part in parts):
        return None
    return [entry for part in parts for entry in part or []]
