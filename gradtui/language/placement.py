"""What parses and yet is no Python: `return` outside a function, `break` outside a loop, and their
kind.

The messages are those of CPython's compiler.
"""

import ast
from collections.abc import Iterator, Sequence

from gradtui.language.errors import Complaint
from gradtui.language.scopes import Scope, all_arguments, analyse
from gradtui.language.spans import Spans

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_LOOPS = (ast.For, ast.While, ast.AsyncFor)
_BOUND_TO_A_PLACE = {ast.Return, ast.Yield, ast.YieldFrom, ast.Break, ast.Continue, ast.Await}


def misplaced(tree: ast.Module, nodes: Sequence[ast.AST], spans: Spans) -> Iterator[Complaint]:
    """A complaint for each statement that stands where Python does not allow it.

    `nodes` are all the nodes of the tree.
    """
    placed = any(type(node) in _BOUND_TO_A_PLACE for node in nodes)
    outside = _outside(tree, "", False) if placed else ()
    for node, message in [*outside, *_names(tree), *_targets(nodes)]:
        span = spans.of(node)
        yield Complaint(span.line, span.column, f"SyntaxError: {message}")


def _outside(node: ast.AST, home: str, loop: bool) -> Iterator[tuple[ast.AST, str]]:
    """`home` is "function" or "" and `loop` whether a loop of that home is around."""
    for child in ast.iter_child_nodes(node):
        yield from _one(child, home, loop)
        inner, looping = home, loop
        if isinstance(child, _FUNCTIONS):
            inner, looping = "function", False
        elif isinstance(child, ast.ClassDef):
            inner, looping = "", False
        elif isinstance(child, _LOOPS):
            yield from _outside_loop(child, home, loop)
            continue
        yield from _outside(child, inner, looping)


def _outside_loop(node: ast.AST, home: str, loop: bool) -> Iterator[tuple[ast.AST, str]]:
    body = ast.Module(body=list(getattr(node, "body", [])), type_ignores=[])
    yield from _outside(body, home, True)
    rest = ast.Module(body=list(getattr(node, "orelse", [])), type_ignores=[])
    yield from _outside(rest, home, loop)


def _one(node: ast.AST, home: str, loop: bool) -> Iterator[tuple[ast.AST, str]]:
    if isinstance(node, ast.Return) and home != "function":
        yield node, "'return' outside function"
    if isinstance(node, ast.Yield | ast.YieldFrom) and home != "function":
        yield node, "'yield' outside function"
    if isinstance(node, ast.Break) and not loop:
        yield node, "'break' outside loop"
    if isinstance(node, ast.Continue) and not loop:
        yield node, "'continue' not properly in loop"
    if isinstance(node, ast.Await) and home != "function":
        yield node, "'await' outside function"


def _names(tree: ast.Module) -> Iterator[tuple[ast.AST, str]]:
    scopes = analyse(tree)
    for node, scope in scopes.items():
        if isinstance(node, ast.FunctionDef | ast.Lambda):
            seen: set[str] = set()
            for argument in all_arguments(node.args):
                if argument.arg in seen:
                    yield node, f"duplicate argument '{argument.arg}' in function definition"
                seen.add(argument.arg)
        yield from _declared(node, scope)


def _declared(node: ast.AST, scope: Scope) -> Iterator[tuple[ast.AST, str]]:
    for part in ast.walk(node) if scope.nonlocals or scope.globals else ():
        if isinstance(part, ast.Nonlocal) and set(part.names) <= scope.nonlocals:
            for name in part.names:
                if name not in scope.free:
                    where = "at module level" if scope.kind == "module" else f"'{name}' found"
                    if scope.kind == "module":
                        yield part, f"nonlocal declaration not allowed {where}"
                    else:
                        yield part, f"no binding for nonlocal {where}"
        if isinstance(part, ast.Global | ast.Nonlocal):
            for name in part.names:
                if name in scope.parameters:
                    kind = "global" if isinstance(part, ast.Global) else "nonlocal"
                    yield part, f"name '{name}' is parameter and {kind}"


def _targets(nodes: Sequence[ast.AST]) -> Iterator[tuple[ast.AST, str]]:
    for node in nodes:
        if isinstance(node, ast.Tuple | ast.List) and isinstance(node.ctx, ast.Store):
            if sum(isinstance(e, ast.Starred) for e in node.elts) > 1:
                yield node, "multiple starred expressions in assignment"
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Starred):
                    yield target, "starred assignment target must be in a list or tuple"
        elif isinstance(node, ast.Try):
            for handler in node.handlers[:-1]:
                if handler.type is None:
                    yield handler, "default 'except:' must be last"
