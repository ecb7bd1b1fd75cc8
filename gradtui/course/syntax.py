"""Whether code and expressions are of the lesson language; no engine is loaded to say so."""

import ast
from functools import cache
from types import ModuleType

from gradtui.arrays.guest import world
from gradtui.language import tables
from gradtui.language.checker import check, parse
from gradtui.language.errors import Complaint, Refused
from gradtui.language.source import Source
from gradtui.language.world import World


def code(text: str, known: frozenset[str] = frozenset()) -> list[Complaint]:
    """What keeps a text from being a lesson program; `known` are names bound before it."""
    return list(check(Source("", text), names(), known))


def expression(text: str, known: frozenset[str] = frozenset()) -> list[Complaint]:
    """What keeps a text from being one expression of the lesson language."""
    source = Source("", text.strip())
    complaints = list(check(source, names(), known))
    if complaints:
        return complaints
    body = parse(source).body
    alone = len(body) == 1 and isinstance(body[0], ast.Expr)
    return [] if alone else [Complaint(1, 0, "one expression is wanted here, and nothing else")]


def bound(text: str) -> frozenset[str]:
    """The names a program assigns, imports or defines; none if it does not parse."""
    try:
        nodes = list(ast.walk(parse(Source("", text))))
    except Refused:
        return frozenset()
    stored = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    imported = {n.asname or n.name.partition(".")[0] for n in nodes if isinstance(n, ast.alias)}
    defined = {n.name for n in nodes if isinstance(n, ast.FunctionDef | ast.ClassDef)}
    return frozenset(stored | imported | defined)


@cache
def names() -> World:
    """The world of lesson code by name alone: enough to check code, not to run it."""
    torch = ModuleType("torch")
    for path, members in tables.MODULES.items():
        module = _module(torch, path)
        for name in members.split():
            if not hasattr(module, name):
                setattr(module, name, object())
    torch.Tensor = type("Tensor", (), {})  # type: ignore[attr-defined]
    return world(torch)


def _module(torch: ModuleType, path: str) -> ModuleType:
    """The module at a dotted path below torch, made where it is not there yet."""
    module = torch
    for name in path.split(".")[1:]:
        inner = getattr(module, name, None)
        if not isinstance(inner, ModuleType):
            inner = ModuleType(f"{module.__name__}.{name}")
            setattr(module, name, inner)
        module = inner
    return module
