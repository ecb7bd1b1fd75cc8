"""Which scope each name belongs to, decided before anything runs, as Python's own compiler decides
it.

scopes = analyse(ast.parse(text))
scopes[function_node].place("x")       # Place("local", 3)
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

Function: TypeAlias = ast.FunctionDef | ast.Lambda
Comprehension: TypeAlias = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


class Place(NamedTuple):
    """Where a name lives: `kind` is `local`, `cell`, `class` or `global`; `slot` its frame index.

    A `class` place is looked up in the class body first, then in cell `slot` (or globally if -1).
    """

    kind: str
    slot: int = -1


@dataclass(eq=False)
class Scope:
    """One block of code. Slot 0 of its frame holds what `return` returns."""

    kind: str  # "module", "function", "class", "comprehension"
    name: str
    parent: "Scope | None" = None
    parameters: list[str] = field(default_factory=list)
    bound: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)
    globals: set[str] = field(default_factory=set)
    nonlocals: set[str] = field(default_factory=set)
    children: "list[Scope]" = field(default_factory=list)
    cells: set[str] = field(default_factory=set)
    free: set[str] = field(default_factory=set)
    slots: dict[str, int] = field(default_factory=dict)
    is_generator: bool = False

    @property
    def qualified(self) -> str:
        """The prefix of `__qualname__` for what is defined in this scope."""
        if self.kind == "module" or self.parent is None:
            return ""
        own = f"{self.parent.qualified}{self.name}"
        return f"{own}." if self.kind == "class" else f"{own}.<locals>."

    @property
    def size(self) -> int:
        """Slots of a frame."""
        return 1 + len(self.slots)

    def owns(self, name: str) -> bool:
        """Whether `name` is a variable of this very scope."""
        return name in self.bound and name not in self.nonlocals and name not in self.globals

    def place(self, name: str) -> Place:
        """Where code of this scope finds `name`."""
        if self.kind == "class" and name not in self.globals and name != "__class__":
            return Place("class", self.slots.get(name, -1) if name in self.free else -1)
        if name in self.free or name in self.cells:
            return Place("cell", self.slots[name])
        if self.kind not in ("module", "class") and self.owns(name):
            return Place("local", self.slots[name])
        return Place("global")


@lru_cache(256)
def analyse(tree: ast.Module) -> Mapping[ast.AST, Scope]:
    """The scope of the module and of every function, class and comprehension in it."""
    found: dict[ast.AST, Scope] = {}
    module = Scope("module", "<module>")
    found[tree] = module
    walker = _Collector(found)
    for statement in tree.body:
        walker.visit(statement, module)
    _resolve(module)
    for scope in found.values():
        _number(scope)
    return found


def all_arguments(arguments: ast.arguments) -> Iterator[ast.arg]:
    """Every parameter, in the order of frame slots."""
    yield from arguments.posonlyargs
    yield from arguments.args
    yield from arguments.kwonlyargs
    if arguments.vararg:
        yield arguments.vararg
    if arguments.kwarg:
        yield arguments.kwarg


class _Collector:
    def __init__(self, found: dict[ast.AST, Scope]) -> None:
        self.found = found

    def visit(self, node: ast.AST, scope: Scope) -> None:
        visitor = _VISITORS.get(type(node))
        if visitor is not None:
            visitor(self, node, scope)
        else:
            self.children(node, scope)

    def children(self, node: ast.AST, scope: Scope) -> None:
        for child in ast.iter_child_nodes(node):
            self.visit(child, scope)

    def visit_all(self, nodes: "list[ast.AST]", scope: Scope) -> None:
        for node in nodes:
            self.visit(node, scope)

    def open(self, node: ast.AST, kind: str, name: str, parent: Scope) -> Scope:
        scope = Scope(kind, name, parent)
        parent.children.append(scope)
        self.found[node] = scope
        return scope

    def name(self, node: ast.Name, scope: Scope) -> None:
        if isinstance(node.ctx, ast.Load):
            scope.used.add(node.id)
            if node.id == "super" and scope.kind != "module":
                scope.used.add("__class__")
        else:
            scope.bound.add(node.id)

    def function(self, node: ast.FunctionDef, scope: Scope) -> None:
        scope.bound.add(node.name)
        self.visit_all([*node.decorator_list], scope)
        self.signature(node.args, scope)
        inner = self.open(node, "function", node.name, scope)
        self.parameters(node.args, inner)
        self.visit_all([*node.body], inner)

    def lambda_(self, node: ast.Lambda, scope: Scope) -> None:
        self.signature(node.args, scope)
        inner = self.open(node, "function", "<lambda>", scope)
        self.parameters(node.args, inner)
        self.visit(node.body, inner)

    def signature(self, arguments: ast.arguments, scope: Scope) -> None:
        self.visit_all([*arguments.defaults], scope)
        self.visit_all([d for d in arguments.kw_defaults if d is not None], scope)

    def parameters(self, arguments: ast.arguments, inner: Scope) -> None:
        inner.parameters = [argument.arg for argument in all_arguments(arguments)]
        inner.bound.update(inner.parameters)

    def class_(self, node: ast.ClassDef, scope: Scope) -> None:
        scope.bound.add(node.name)
        self.visit_all([*node.decorator_list, *node.bases, *node.keywords], scope)
        inner = self.open(node, "class", node.name, scope)
        inner.bound.add("__class__")
        self.visit_all([*node.body], inner)

    def comprehension(self, node: Comprehension, scope: Scope) -> None:
        first, *others = node.generators
        self.visit(first.iter, scope)
        inner = self.open(node, "comprehension", _COMPREHENSION_NAMES[type(node)], scope)
        self.visit(first.target, inner)
        self.visit_all([*first.ifs], inner)
        for generator in others:
            self.visit_all([generator.target, generator.iter, *generator.ifs], inner)
        parts = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        self.visit_all([*parts], inner)

    def walrus(self, node: ast.NamedExpr, scope: Scope) -> None:
        home = scope
        while home.kind == "comprehension" and home.parent is not None:
            home = home.parent
        name = node.target.id
        home.bound.add(name)
        inner = scope
        while inner is not home and inner.parent is not None:
            inner.used.add(name)
            (inner.globals if home.kind == "module" else inner.nonlocals).add(name)
            inner = inner.parent
        if home is not scope and name in home.globals:
            scope.globals.add(name)
        self.visit(node.value, scope)

    def import_(self, node: ast.Import | ast.ImportFrom, scope: Scope) -> None:
        for alias in node.names:
            scope.bound.add(alias.asname or alias.name.partition(".")[0])

    def handler(self, node: ast.ExceptHandler, scope: Scope) -> None:
        if node.name:
            scope.bound.add(node.name)
        self.children(node, scope)

    def global_(self, node: ast.Global, scope: Scope) -> None:
        if scope.kind != "module":
            scope.globals.update(node.names)

    def nonlocal_(self, node: ast.Nonlocal, scope: Scope) -> None:
        scope.nonlocals.update(node.names)
        scope.used.update(node.names)

    def capture(self, node: ast.AST, scope: Scope) -> None:
        name = getattr(node, "name", None) or getattr(node, "rest", None)
        if name:
            scope.bound.add(name)
        self.children(node, scope)

    def yielding(self, node: ast.AST, scope: Scope) -> None:
        scope.is_generator = True
        self.children(node, scope)

    def annotated(self, node: ast.AnnAssign, scope: Scope) -> None:
        self.visit(node.target, scope)
        if node.value is not None:
            self.visit(node.value, scope)


_COMPREHENSION_NAMES = {
    ast.ListComp: "<listcomp>",
    ast.SetComp: "<setcomp>",
    ast.DictComp: "<dictcomp>",
    ast.GeneratorExp: "<genexpr>",
}

_VISITORS: dict[type[ast.AST], Any] = {
    ast.Name: _Collector.name,
    ast.FunctionDef: _Collector.function,
    ast.Lambda: _Collector.lambda_,
    ast.ClassDef: _Collector.class_,
    ast.ListComp: _Collector.comprehension,
    ast.SetComp: _Collector.comprehension,
    ast.DictComp: _Collector.comprehension,
    ast.GeneratorExp: _Collector.comprehension,
    ast.NamedExpr: _Collector.walrus,
    ast.Import: _Collector.import_,
    ast.ImportFrom: _Collector.import_,
    ast.ExceptHandler: _Collector.handler,
    ast.Global: _Collector.global_,
    ast.Nonlocal: _Collector.nonlocal_,
    ast.MatchAs: _Collector.capture,
    ast.MatchStar: _Collector.capture,
    ast.MatchMapping: _Collector.capture,
    ast.Yield: _Collector.yielding,
    ast.YieldFrom: _Collector.yielding,
    ast.AnnAssign: _Collector.annotated,
}


def _resolve(scope: Scope) -> None:
    for child in scope.children:
        _resolve(child)
    for name in (scope.used | scope.bound) - scope.globals:
        if not scope.owns(name) or (scope.kind == "class" and name != "__class__"):
            if scope.kind == "class" and scope.owns(name) and name not in scope.used:
                continue
            _capture(scope, name)


def _capture(scope: Scope, name: str) -> None:
    """Make `name` free in `scope` if an enclosing function (or class, for `__class__`) owns it."""
    between = [scope]
    outer = scope.parent
    while outer is not None and outer.kind != "module":
        owner = outer.kind != "class" or name == "__class__"
        if owner and outer.owns(name):
            outer.cells.add(name)
            for inner in between:
                inner.free.add(name)
            return
        if owner and name in outer.globals:
            return
        between.append(outer)
        outer = outer.parent


def _number(scope: Scope) -> None:
    names = [*scope.parameters]
    if scope.kind != "module":
        seen = set(names)
        own = () if scope.kind == "class" else sorted(n for n in scope.bound if scope.owns(n))
        for name in (*own, *sorted(scope.cells), *sorted(scope.free)):
            if name not in seen:
                seen.add(name)
                names.append(name)
    scope.slots = {name: index + 1 for index, name in enumerate(names)}
