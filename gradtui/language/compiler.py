"""Turns syntax into closures: one compiler function per type of node, kept in two tables.

A compiled expression is called with a frame and gives its value; a compiled statement gives None or
the signal that ends its block. Each closure that can fail binds its span as the local `at`, so that
a traceback tells where in the lesson an error arose. Nothing here makes or runs bytecode.
"""

import ast
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

from gradtui.language.frames import Frame, Thunk
from gradtui.language.runtime import Runtime
from gradtui.language.scopes import Scope
from gradtui.language.source import Span
from gradtui.language.spans import Spans

NodeCompiler: TypeAlias = Callable[["Compiler", Any], Thunk]
EXPRESSIONS: dict[type[ast.AST], NodeCompiler] = {}
STATEMENTS: dict[type[ast.AST], NodeCompiler] = {}
_C = TypeVar("_C", bound=NodeCompiler)


def expression(*nodes: type[ast.AST]) -> Callable[[_C], _C]:
    """Enter a compiler of expressions into the table."""
    return _enter(EXPRESSIONS, nodes)


def statement(*nodes: type[ast.AST]) -> Callable[[_C], _C]:
    """Enter a compiler of statements into the table."""
    return _enter(STATEMENTS, nodes)


def _enter(
    table: dict[type[ast.AST], NodeCompiler], nodes: tuple[type[ast.AST], ...]
) -> Callable[[_C], _C]:
    def register(compiler: _C) -> _C:
        table.update(dict.fromkeys(nodes, compiler))
        return compiler

    return register


class Compiler:
    """Compiles the code of one scope; `inside` gives the compiler of a nested one."""

    def __init__(
        self,
        runtime: Runtime,
        spans: Spans,
        scopes: Mapping[ast.AST, Scope],
        scope: Scope,
        class_name: str | None = None,
    ) -> None:
        self.runtime = runtime
        self.spans = spans
        self.scopes = scopes
        self.scope = scope
        self.class_name = class_name

    @property
    def watched(self) -> bool:
        """Whether an observer is told of what happens."""
        return self.runtime.observer is not None

    def inside(self, node: ast.AST) -> "Compiler":
        """The compiler of the scope that `node` opens."""
        name = node.name if isinstance(node, ast.ClassDef) else self.class_name
        return Compiler(self.runtime, self.spans, self.scopes, self.scopes[node], name)

    def expression(self, node: ast.expr) -> Thunk:
        return EXPRESSIONS[type(node)](self, node)

    def expressions(self, nodes: Sequence[ast.expr]) -> list[Thunk]:
        return [self.expression(node) for node in nodes]

    def optional(self, node: ast.expr | None) -> Thunk:
        return (lambda frame: None) if node is None else self.expression(node)

    def statement(self, node: ast.stmt) -> Thunk:
        return STATEMENTS[type(node)](self, node)

    def span(self, node: ast.AST) -> Span:
        return self.spans.of(node)

    def mangled(self, name: str) -> str:
        """A private name of a class, `__x`, as Python spells it outside."""
        if self.class_name and name.startswith("__") and not name.endswith("__"):
            return f"_{self.class_name.lstrip('_')}{name}"
        return name

    def block(self, nodes: Sequence[ast.stmt]) -> Thunk:
        """Statements run one after another until one gives a signal."""
        if self.watched:
            return self._watched_block(nodes)
        steps = tuple(self.statement(node) for node in nodes)
        budget, count, first = self.runtime.budget, len(nodes), self.span(nodes[0])

        def run(frame: Frame, at: Span = first) -> Any:
            budget.left_statements -= count
            if budget.left_statements < 0:
                budget.refuse("statements")
            for step in steps:
                signal = step(frame)
                if signal is not None:
                    return signal
            return None

        return run

    def _watched_block(self, nodes: Sequence[ast.stmt]) -> Thunk:
        steps = tuple((self.spans.header(node), self.statement(node)) for node in nodes)
        runtime, budget = self.runtime, self.runtime.budget
        told = runtime.tell_statement

        def run(frame: Frame) -> Any:
            for at, step in steps:
                budget.statements(1)
                told(at)
                try:
                    signal = step(frame)
                except BaseException as error:
                    runtime.tell_raised(error)
                    raise
                if signal is not None:
                    return signal
            return None

        return run
