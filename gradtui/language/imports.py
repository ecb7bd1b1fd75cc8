"""`import` and `from … import …`, over the modules of the world."""

import ast
from typing import Any

from gradtui.language import names
from gradtui.language.compiler import Compiler, statement
from gradtui.language.frames import Frame, Thunk
from gradtui.language.source import Span
from gradtui.language.world import ModuleView


@statement(ast.Import)
def import_(c: Compiler, node: ast.Import) -> Thunk:
    modules = c.runtime.world.modules
    rows = []
    for alias in node.names:
        bound = alias.asname or alias.name.partition(".")[0]
        source = alias.name if alias.asname else bound
        rows.append((alias.name, source, names.store(c, bound, c.span(alias))))
    span = c.span(node)

    def run(frame: Frame, at: Span = span) -> None:
        for name, source, store in rows:
            if name not in modules:
                raise ModuleNotFoundError(f"No module named '{name}' in the lesson language")
            store(frame, modules[source])

    return run


@statement(ast.ImportFrom)
def import_from(c: Compiler, node: ast.ImportFrom) -> Thunk:
    modules, module = c.runtime.world.modules, node.module or ""
    rows = [(a.name, names.store(c, a.asname or a.name, c.span(a))) for a in node.names]
    span, held = c.span(node), c.runtime.held

    def run(frame: Frame, at: Span = span) -> None:
        if module == "__future__":
            return
        if module not in modules:
            raise ModuleNotFoundError(f"No module named '{module}' in the lesson language")
        for name, store in rows:
            store(frame, held(_member(modules[module], name)))

    return run


def _member(view: ModuleView, name: str) -> Any:
    if name not in view.members:
        raise ImportError(f"cannot import name '{name}' from '{view.module_name}'")
    return view.members[name]
